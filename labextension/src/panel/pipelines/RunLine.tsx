import type { TranslationBundle } from '@jupyterlab/translation';
import { runIcon, stopIcon, undoIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import { hasRunEnded, type IRunRecord } from '../../api/pipelinerecords';
import { CommandIDs } from '../../commands';
import { IconButton } from '../../components/IconButton';
import { tookTitle } from '../../pipelines/words';
import { useNow } from '../../shared/clock';
import { ago, clock, moment } from '../../shared/format';
import { StateIcon } from '../../shared/StateIcon';
import { stateLook } from '../../shared/states';

/** One line about a pipeline run: state, name, pipeline, time, and what can be done. */
export function RunLine(props: {
  run: IRunRecord;
  now: number;
  commands: CommandRegistry;
  trans: TranslationBundle;
}): React.ReactElement {
  const { run, now, commands, trans } = props;
  const detail = run.message || (run.pipeline === run.name ? '' : run.pipeline);
  return (
    <>
      <span role="gridcell" className="jp-TracksideRow-state">
        <StateIcon state={run.state} labelled trans={trans} />
      </span>
      <span
        role="gridcell"
        className="jp-TracksideRow-name"
        title={[run.name, run.message, run.description].filter(Boolean).join('\n')}
      >
        {run.name}
      </span>
      <span role="gridcell" className="jp-TracksidePipelines-detail" title={detail}>
        {detail}
      </span>
      <span role="gridcell" className="jp-TracksideRow-when">
        <RunTime run={run} now={now} trans={trans} />
      </span>
      <span role="gridcell" className="jp-TracksideRow-actions">
        <RunActions run={run} commands={commands} trans={trans} />
      </span>
    </>
  );
}

/** What can be done with a run at once: it is stopped, tried again, or run once more. */
export function RunActions(props: {
  run: IRunRecord;
  commands: CommandRegistry;
  trans: TranslationBundle;
}): React.ReactElement {
  const { run, commands, trans } = props;
  const act = (command: string): void =>
    void commands.execute(command, { pipeline_run: run.run_id });
  return (
    <>
      {run.state === 'FAILED' && (
        <IconButton
          icon={undoIcon}
          inRow
          label={trans.__('Go on from what failed of %1', run.name)}
          onClick={() => act(CommandIDs.retryPipelineRun)}
        />
      )}
      {hasRunEnded(run.state) ? (
        <IconButton
          icon={runIcon}
          inRow
          label={trans.__('Run %1 again…', run.name)}
          onClick={() => act(CommandIDs.clonePipelineRun)}
        />
      ) : (
        run.state !== 'CANCELING' && (
          <IconButton
            icon={stopIcon}
            inRow
            label={trans.__('Stop %1', run.name)}
            onClick={() => act(CommandIDs.terminatePipelineRun)}
          />
        )
      )}
    </>
  );
}

/** When a run ended, or for how long it has been running. */
export function RunTime(props: {
  run: IRunRecord;
  now: number;
  trans: TranslationBundle;
}): React.ReactElement {
  const { run, now, trans } = props;
  const ticking = useNow(!hasRunEnded(run.state));
  const begun = run.started_at ?? run.created_at;
  const took = tookTitle(begun, run.ended_at, run.retried, trans);
  if (run.ended_at !== null) {
    return (
      <time title={[moment(run.ended_at), took].join(' · ')}>
        {ago(run.ended_at, Math.max(now, run.ended_at), trans)}
      </time>
    );
  }
  return <time title={took}>{clock(ticking - begun)}</time>;
}

/** What a screen reader says about a run. */
export function describeRun(run: IRunRecord, trans: TranslationBundle): string {
  return [
    run.name,
    stateLook(run.state, trans).label,
    run.pipeline !== run.name && run.pipeline,
    run.message
  ]
    .filter(Boolean)
    .join(', ');
}
