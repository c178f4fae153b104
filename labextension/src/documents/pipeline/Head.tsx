import * as React from 'react';

import { CommandIDs, DATA_PIPELINE_RUN } from '../../commands';
import { Action, OpenArrow } from '../../shared/Action';
import { tookTitle } from '../../pipelines/words';
import { useNow } from '../../shared/clock';
import { ago, clock, duration, moment } from '../../shared/format';
import { StateIcon } from '../../shared/StateIcon';
import { stateLook } from '../../shared/states';
import type { IPipelineContext } from './context';
import { OpenInKfp } from './OpenInKfp';
import { useExperimentName } from './useExperimentName';

/** What stands above the graph: name, state, sentence, time, actions. */
export function Head(props: IPipelineContext): JSX.Element {
  const { document, commands } = props;
  const { tracks, state, started, ended, reason, run } = document;
  const { trans } = tracks;
  const look = stateLook(state, trans);
  const now = useNow(look.live);
  const experiment = useExperimentName(tracks, run?.experiment_id);
  const { state: link, sentence: notice } = tracks.connection;
  // In a notebook the headings are those of its author.
  const Heading = props.compact ? 'strong' : 'h1';
  const isAway = link === 'offline' || link === 'unavailable';
  return (
    <div className="jp-TracksideDoc-header" {...{ [DATA_PIPELINE_RUN]: document.runId }}>
      <div className="jp-TracksideDoc-title">
        <StateIcon state={state} />
        <Heading title={document.name}>{document.name}</Heading>
        <span className={`jp-TracksideDoc-state jp-mod-${look.tone}`}>{look.label}</span>
        <span className="jp-TracksideCard-facts">
          {started !== null && (
            <span title={tookTitle(started, ended, run?.retried ?? false, trans)}>
              {ended === null ? clock(now - started) : duration(ended - started, trans)}
            </span>
          )}
          {ended !== null && (
            <span className="jp-TracksideCard-dim" title={moment(ended)}>
              {ago(ended, now, trans)}
            </span>
          )}
          {experiment && document.place === 'kfp' && (
            <span className="jp-TracksideCard-dim">{experiment}</span>
          )}
          {experiment && document.place === 'here' && (
            <button
              type="button"
              className="jp-TracksideLink"
              title={trans.__('Open the experiment')}
              onClick={() =>
                void commands.execute(CommandIDs.openExperiment, {
                  experiment_ids: [run!.experiment_id]
                })
              }
            >
              {experiment}
            </button>
          )}
          {document.place === 'kfp' && (
            <span className="jp-TracksideCard-dim" title={trans.__('On this KFP server')}>
              {tracks.kfp.status.host}
            </span>
          )}
          {document.spec && document.spec.name !== document.name && (
            <span className="jp-TracksideCard-dim" title={document.spec.description}>
              {document.spec.name}
            </span>
          )}
        </span>
        <span className="jp-TracksideCard-actions">
          <Actions {...props} />
        </span>
      </div>
      {reason && <p className={`jp-TracksideCard-why jp-mod-${look.tone}`}>{reason}</p>}
      {document.problem && !isAway && (
        <p className="jp-TracksideDoc-note" role="alert">
          {document.problem}
        </p>
      )}
      {isAway && (
        <p className="jp-TracksideDoc-note" role="status">
          {notice}
        </p>
      )}
      <span className="jp-TracksideHidden" role="status">
        {`${document.name}: ${look.label}. ${look.live ? '' : reason}`}
      </span>
    </div>
  );
}

function Actions(props: IPipelineContext): JSX.Element {
  const { document, commands, compact } = props;
  const { tracks, state, isLive, runId } = document;
  const { trans } = tracks;
  const can = (command: string): boolean => commands.hasCommand(command);
  const mayHaveExitTasks = document.spec?.hasExitTasks ?? true;
  return (
    <>
      {isLive && state !== 'CANCELING' && (
        <Action
          label={trans.__('Terminate')}
          title={
            mayHaveExitTasks
              ? trans.__('Stop the tasks; exit tasks still run')
              : trans.__('Stop the tasks')
          }
          onClick={() => document.terminate()}
        />
      )}
      {state === 'CANCELING' && document.place === 'here' && mayHaveExitTasks && (
        <Action
          label={trans.__('Stop exit tasks')}
          title={trans.__('It is being stopped and its exit tasks still run: stop these as well')}
          onClick={() => document.terminate()}
        />
      )}
      {(state === 'FAILED' || state === 'CANCELED') && (
        <Action
          label={trans.__('Retry')}
          title={trans.__('Go on from what failed; what succeeded stays')}
          strong
          onClick={() => document.retry()}
        />
      )}
      {can(CommandIDs.clonePipelineRun) && (
        <Action
          label={trans.__('Clone…')}
          title={trans.__('Run it again with other arguments')}
          onClick={() => commands.execute(CommandIDs.clonePipelineRun, { pipeline_run: runId })}
        />
      )}
      {compact && can(CommandIDs.openPipelineRun) && (
        <Action
          label={trans.__('Open')}
          icon={<OpenArrow />}
          onClick={() =>
            commands.execute(CommandIDs.openPipelineRun, { run_id: runId, name: document.name })
          }
        />
      )}
      {document.run && <OpenInKfp url={document.run.kfp_url} />}
      {!compact && <More {...props} />}
    </>
  );
}

/** What is done less often. */
function More(props: IPipelineContext): JSX.Element {
  const { document, commands } = props;
  const { trans } = document.tracks;
  const args = { pipeline_run: document.runId };
  const tracking = document.tree.root?.trackingRunId;
  const isSent = document.place === 'here' && document.tracks.kfp.status.configured;
  const can = (command: string): boolean => commands.hasCommand(command);
  return (
    <>
      {can(CommandIDs.comparePipelineRuns) && (
        <Action
          label={trans.__('Compare')}
          title={trans.__('Set it beside the run of this pipeline before it')}
          onClick={() =>
            commands.execute(CommandIDs.comparePipelineRuns, { pipeline_runs: [document.runId] })
          }
        />
      )}
      {tracking && (
        <Action
          label={trans.__('Open run')}
          title={trans.__('Open the run that tracks this pipeline run')}
          icon={<OpenArrow />}
          onClick={() => commands.execute(CommandIDs.openRun, { run_id: tracking })}
        />
      )}
      {document.spec && can(CommandIDs.sendToKubeflow) && isSent && (
        <Action
          label={trans.__('Send to Kubeflow…')}
          title={trans.__('Upload the compiled pipeline to the KFP server, and run it there')}
          onClick={() => commands.execute(CommandIDs.sendToKubeflow, args)}
        />
      )}
      {document.spec && (
        <Action
          label={trans.__('Download YAML')}
          title={trans.__('Download the compiled pipeline')}
          onClick={() => commands.execute(CommandIDs.downloadPipeline, args)}
        />
      )}
    </>
  );
}
