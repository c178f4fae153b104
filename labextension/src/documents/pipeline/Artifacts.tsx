import * as React from 'react';

import type { ITaskArtifact } from '../../api/pipelinetypes';
import { CopyButton } from '../../components/CopyButton';
import { plainType } from '../../pipelines/ir';
import { plain } from '../../pipelines/naming';
import type { IArtifacts, ITask } from '../../pipelines/tasks';
import { Action } from '../../shared/Action';
import { useTrans } from '../../shared/trans-context';
import { shownName } from '../run/artifacts/kinds';
import { Section } from '../run/Facts';
import { ArtifactContent } from './ArtifactContent';
import { Classification } from './Classification';
import type { IPipelineContext } from './context';
import { MetricsTable } from './MetricsTable';

/** How many artifacts are listed of one input or output. */
const MOST = 50;

/** What is looked at without being asked for: it was made to be. */
const SHOWN = /^(Markdown|HTML)$/;

/** How many artifacts went into a task and came out of it. */
export function countArtifacts(task: ITask): number {
  return [...task.outputs.artifacts, ...task.inputs.artifacts].reduce(
    (sum, one) => sum + one.artifacts.length,
    0
  );
}

/** The artifacts of a task, viewed in place: what it made before what it took. */
export function Artifacts(props: IPipelineContext & { task: ITask }): JSX.Element {
  const { task } = props;
  const trans = useTrans();
  const parts: [string, readonly IArtifacts[]][] = [
    [trans.__('Made'), task.outputs.artifacts],
    [trans.__('Taken'), task.inputs.artifacts]
  ];
  return (
    <>
      {parts.map(
        ([title, lists]) =>
          lists.some(one => one.artifacts.length) && (
            <Section key={title} title={title}>
              {lists.flatMap(({ key, artifacts }) =>
                artifacts
                  .slice(0, MOST)
                  .map((artifact, at) => (
                    <ArtifactView
                      key={`${key} ${at} ${artifact.artifact_id}`}
                      {...props}
                      name={plain(key)}
                      artifact={artifact}
                      isMade={title === parts[0][0]}
                    />
                  ))
              )}
            </Section>
          )
      )}
    </>
  );
}

function ArtifactView(
  props: IPipelineContext & { name: string; artifact: ITaskArtifact; isMade: boolean }
): JSX.Element {
  const { document, name, artifact, isMade } = props;
  const { trans: bundle, pipelineRunsApi } = document.tracks;
  const trans = useTrans();
  const type = plainType(artifact.type ?? '');
  const metadata = artifact.metadata ?? {};
  const [isOpen, setOpen] = React.useState(isMade && SHOWN.test(type));
  const isMetrics = type === 'Metrics';
  const isClassification = type.endsWith('ClassificationMetrics');
  const hasContent = Boolean(artifact.artifact_id) && !isMetrics && !isClassification;
  return (
    <article className="jp-TracksideArtifact" aria-label={name}>
      <header>
        <bdi title={artifact.name ?? name}>{shownName(name)}</bdi>
        <span className="jp-TracksideCard-dim">{type}</span>
        <span className="jp-TracksideLogBar-space" />
        {hasContent && (
          <Action
            label={isOpen ? trans.__('Hide') : trans.__('Show')}
            expanded={isOpen}
            onClick={() => setOpen(!isOpen)}
          />
        )}
        {hasContent && (
          <a
            className="jp-TracksideAction"
            href={pipelineRunsApi.artifactUrl(artifact.artifact_id!)}
            download={shownName(artifact.uri?.split('/').pop() || name)}
          >
            {trans.__('Download')}
          </a>
        )}
        {artifact.uri && (
          <CopyButton text={artifact.uri} label={trans.__('Copy the address')} trans={trans} />
        )}
      </header>
      {isClassification ? (
        <Classification metadata={metadata} trans={bundle} />
      ) : (
        <MetricsTable metadata={metadata} trans={bundle} isMain={isMetrics} />
      )}
      {hasContent && isOpen && <ArtifactContent {...props} artifact={artifact} type={type} />}
    </article>
  );
}
