import * as React from 'react';

import { explain } from '../../api/request';
import type { IBundleFile } from '../../api/types';
import { Action } from '../../shared/Action';
import { CopyButton } from '../../components/CopyButton';
import { EmptyState } from '../../components/EmptyState';
import { size } from '../../shared/format';
import { shownName } from './artifacts/kinds';
import { Code } from './artifacts/Rendered';
import type { IRunContext } from './context';
import { Diff } from './Diff';
import { Facts, Section } from './Facts';
import { useFetched } from './hooks';
import { CELL_PATH, DIFF_PATH, gitFacts, sourceName } from './provenance';
import { useArtifactText } from './useArtifactText';

/** Most files of a bundle that are listed at first. */
const FILES = 50;

const TRAIN_CODE = `%%train
# the code of this cell, its helpers and files are kept with the run`;

/** The fifth tab: the code as it ran. */
export function CodeTab(props: IRunContext): JSX.Element {
  const { run: document, rendermime } = props;
  const { run, job, tracks } = document;
  const { trans } = tracks;
  const cell = useArtifactText(document, CELL_PATH);
  const diff = useArtifactText(document, DIFF_PATH);
  const bundle = useFetched(
    async () => (job ? (await tracks.jobsApi.get(job.job_id)).bundle : null),
    [job?.job_id]
  );
  const git = run && gitFacts(run);
  const source = job?.source?.label ?? (run && sourceName(run));
  const command = run?.tags.get('trackside.command');
  const files = bundle.value?.files ?? [];
  const isLoading = cell.isLoading || diff.isLoading || bundle.isLoading;
  if (!isLoading && !cell.text && !diff.text && files.length === 0 && !git && !source) {
    const problem = cell.error ?? diff.error ?? bundle.error;
    return problem !== null ? (
      <p className="jp-TracksideDoc-note" role="alert">
        {explain(problem, trans)}
      </p>
    ) : (
      <EmptyState
        sentence={trans.__(
          'Nothing is known of the code of this run. It is kept of what runs as a job:'
        )}
        code={TRAIN_CODE}
        trans={trans}
      />
    );
  }
  return (
    <div className="jp-TracksideStack">
      {(git || source || command) && (
        <Section title={trans.__('Source')}>
          <Facts
            facts={[
              source && { name: trans.__('From'), value: source },
              command && {
                name: trans.__('Command'),
                value: <code>{command}</code>,
                copy: command
              },
              git && {
                name: trans.__('Commit'),
                value: <code>{git.commit.slice(0, 10)}</code>,
                copy: git.commit
              },
              git?.branch && { name: trans.__('Branch'), value: git.branch },
              git?.remote && { name: trans.__('Remote'), value: git.remote, copy: git.remote },
              git && {
                name: trans.__('Changed files'),
                value:
                  git.changed > 0
                    ? git.files.length > 0
                      ? git.files.map(shownName).join(', ')
                      : git.changed
                    : trans.__('none')
              }
            ]}
            trans={trans}
          />
        </Section>
      )}
      {cell.text && (
        <Section
          title={trans.__('Code as executed')}
          aside={<CopyButton text={cell.text} label={trans.__('Copy the code')} trans={trans} />}
        >
          <Code
            rendermime={rendermime}
            text={cell.text}
            language="python"
            label={trans.__('Code as executed')}
          />
        </Section>
      )}
      {diff.text && (
        <Section
          title={trans.__('Uncommitted changes')}
          aside={<CopyButton text={diff.text} label={trans.__('Copy the changes')} trans={trans} />}
        >
          <Diff text={diff.text} isWhole={diff.isWhole} trans={trans} />
        </Section>
      )}
      {files.length > 0 && (
        <Section
          title={trans.__('What travelled with it')}
          aside={
            <span className="jp-TracksideCard-dim">
              {trans._n('%1 file, %2', '%1 files, %2', files.length, size(bundle.value?.size ?? 0))}
            </span>
          }
        >
          <Files files={files} label={trans.__('Files of the bundle')} trans={trans} />
        </Section>
      )}
    </div>
  );
}

function Files(props: {
  files: readonly IBundleFile[];
  label: string;
  trans: IRunContext['run']['tracks']['trans'];
}): JSX.Element {
  const { files, label, trans } = props;
  const [limit, setLimit] = React.useState(FILES);
  return (
    <>
      <table className="jp-TracksideTable jp-mod-files" aria-label={label}>
        <tbody>
          {files.slice(0, limit).map(file => (
            <tr key={file.path}>
              <th scope="row">
                <bdi>{shownName(file.path)}</bdi>
              </th>
              <td className="jp-mod-number">{size(file.size)}</td>
              <td>
                <code title={file.sha256}>{file.sha256?.slice(0, 10)}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {files.length > limit && (
        <Action
          label={trans.__('Show %1 more', files.length - limit)}
          onClick={() => setLimit(limit + 500)}
        />
      )}
    </>
  );
}
