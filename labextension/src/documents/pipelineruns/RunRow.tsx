import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import { hasRunEnded, type IRunRecord } from '../../api/pipelinerecords';
import { RunActions } from '../../panel/pipelines/RunLine';
import { tookTitle } from '../../pipelines/words';
import { useNow } from '../../shared/clock';
import { ago, duration, moment } from '../../shared/format';
import { StateIcon } from '../../shared/StateIcon';
import { stateLook } from '../../shared/states';
import type { RunsDocumentModel } from './model';

/** The widths of the columns. */
export const TEMPLATE =
  'minmax(130px, 1.2fr) minmax(120px, 3fr) minmax(80px, 2fr) minmax(80px, 1.5fr) 90px 70px 60px';

/** One pipeline run: the cells of its row. */
export function RunRow(props: {
  document: RunsDocumentModel;
  run: IRunRecord;
  now: number;
  commands: CommandRegistry;
}): JSX.Element {
  const { document, run, now, commands } = props;
  const { selection, tracks } = document;
  const { trans } = tracks;
  const pipeline = document.pipelineOf(run);
  const experiment = document.experimentOf(run);
  const isSelected = selection.has(run.run_id);
  return (
    <>
      <span role="gridcell" className="jp-TracksidePipelineRuns-word" title={run.message}>
        <input
          type="checkbox"
          tabIndex={-1}
          aria-label={trans.__('Select %1', run.name)}
          checked={isSelected}
          // The row sees the click.
          onChange={() => undefined}
        />
        <StateIcon state={run.state} trans={trans} />
        <span>{stateLook(run.state, trans).label}</span>
      </span>
      <span
        role="gridcell"
        className="jp-TracksideRow-name"
        title={[run.name, run.message, run.description].filter(Boolean).join('\n')}
      >
        {run.name}
      </span>
      <span role="gridcell" title={pipeline}>
        {pipeline}
      </span>
      <span role="gridcell" title={experiment}>
        {experiment}
      </span>
      <span role="gridcell">
        <time title={moment(run.created_at)}>
          {ago(run.created_at, Math.max(now, run.created_at), trans)}
        </time>
      </span>
      <span role="gridcell" className="jp-TracksideNumber">
        <Took run={run} trans={trans} />
      </span>
      <span role="gridcell" className="jp-TracksideRow-actions">
        <RunActions run={run} commands={commands} trans={trans} />
      </span>
    </>
  );
}

function Took(props: {
  run: IRunRecord;
  trans: RunsDocumentModel['tracks']['trans'];
}): JSX.Element {
  const { run, trans } = props;
  const now = useNow(!hasRunEnded(run.state));
  const begun = run.started_at ?? run.created_at;
  return (
    <span title={tookTitle(begun, run.ended_at, run.retried, trans)}>
      {duration(Math.max(0, (run.ended_at ?? now) - begun), trans)}
    </span>
  );
}
