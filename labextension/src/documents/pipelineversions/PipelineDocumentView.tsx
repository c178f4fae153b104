import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import { CommandIDs, DATA_PIPELINE } from '../../commands';
import { useSignal } from '../../components/hooks';
import { Skeleton } from '../../components/Skeleton';
import { Action } from '../../shared/Action';
import { Difference } from './Difference';
import type { PipelineDocumentModel } from './model';
import { VersionGraph } from './VersionGraph';
import { Versions } from './Versions';

/** A pipeline: what it is, its versions, the graph of one, and what differs between two. */
export function PipelineDocumentView(props: {
  document: PipelineDocumentModel;
  commands: CommandRegistry;
}): JSX.Element {
  const { document, commands } = props;
  const { tracks, pipeline, pipelineId, chosen, other, versions, problem } = document;
  const { trans } = tracks;
  useSignal(document.changed);
  useSignal(tracks.kfp.changed);
  const before = other && other !== chosen ? document.specOf(other) : null;
  const spec = chosen ? document.specOf(chosen) : null;
  return (
    <>
      <div className="jp-TracksideDoc-header" {...{ [DATA_PIPELINE]: pipelineId }}>
        <div className="jp-TracksideDoc-title">
          <h1>{document.name}</h1>
          {document.place === 'kfp' && (
            <span className="jp-TracksideCard-dim" title={trans.__('On this KFP server')}>
              {tracks.kfp.status.host}
            </span>
          )}
          <span className="jp-TracksideCard-actions">
            <Action
              label={trans.__('Run…')}
              strong
              disabled={!chosen}
              onClick={() =>
                commands.execute(CommandIDs.runPipeline, {
                  pipeline: pipelineId,
                  version: chosen?.version_id
                })
              }
            />
            <Action
              label={trans.__('Upload version…')}
              title={trans.__('Upload a compiled pipeline as a new version of this one')}
              onClick={() =>
                commands.execute(CommandIDs.uploadPipelineVersion, { pipeline: pipelineId })
              }
            />
            <Action
              label={trans.__('Runs')}
              title={trans.__('Show the runs of this pipeline')}
              onClick={() =>
                commands.execute(CommandIDs.openPipelineRuns, { pipeline: pipelineId })
              }
            />
            {document.place === 'here' && tracks.kfp.status.configured && (
              <Action
                label={trans.__('Send to Kubeflow…')}
                title={trans.__('Upload this version to the KFP server, and run it there')}
                disabled={!chosen}
                onClick={() =>
                  commands.execute(CommandIDs.sendToKubeflow, {
                    pipeline: pipelineId,
                    version: chosen?.version_id
                  })
                }
              />
            )}
            <Action
              label={trans.__('Delete…')}
              onClick={() => commands.execute(CommandIDs.deletePipeline, { pipeline: pipelineId })}
            />
          </span>
        </div>
        {pipeline?.description && <p>{pipeline.description}</p>}
        {problem && (
          <p className="jp-TracksideNotice jp-mod-alert" role="alert">
            {problem}
          </p>
        )}
      </div>
      <div
        className="jp-TracksidePipelineDoc-body"
        tabIndex={0}
        role="group"
        aria-label={document.name}
      >
        {versions === null ? (
          !problem && <Skeleton rows={5} />
        ) : (
          <>
            <h2>{trans.__('Versions')}</h2>
            <Versions document={document} commands={commands} />
            {chosen && spec && (
              <>
                <h2>{trans.__('Graph of %1', chosen.name)}</h2>
                <VersionGraph
                  key={chosen.version_id}
                  spec={spec}
                  name={chosen.name}
                  trans={trans}
                />
              </>
            )}
            {chosen && spec && before && other && (
              <>
                <h2>{trans.__('From %1 to %2', other.name, chosen.name)}</h2>
                <Difference before={before} after={spec} trans={trans} />
              </>
            )}
          </>
        )}
      </div>
    </>
  );
}
