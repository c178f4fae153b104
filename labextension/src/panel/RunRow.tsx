import { launchIcon, runIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import type { IJob, IRun } from '../api/types';
import { CommandIDs } from '../commands';
import { IconButton } from '../components/IconButton';
import type { Field } from '../models/fields';
import { seriesColour } from '../shared/chart/series';
import { startWords } from '../shared/startwords';
import { StateIcon } from '../shared/StateIcon';
import { stateLook } from '../shared/states';
import { fieldLabel, fieldText } from './fieldwords';
import { logIcon } from './icons';

/** One line about a run: its colour, name, chosen columns and time. */
export function RunRow(props: {
  run: IRun;
  job: IJob | undefined;
  columns: readonly Field[];
  isSelected: boolean;
  now: number;
  commands: CommandRegistry;
  trans: TranslationBundle;
}): React.ReactElement {
  const { run, job, columns, isSelected, now, commands, trans } = props;
  const { info } = run;
  const start = startWords(info.status, info.start_time, info.end_time, now, trans);
  return (
    <>
      <span role="gridcell" className="jp-TracksideRow-state">
        <span
          className="jp-TracksideDot"
          style={{ backgroundColor: seriesColour(info.run_id) }}
          aria-hidden
        />
        <input
          type="checkbox"
          tabIndex={-1}
          aria-label={trans.__('Select %1', info.run_name)}
          checked={isSelected}
          readOnly
        />
      </span>
      <span role="gridcell" className="jp-TracksideRow-name" title={info.run_name}>
        {info.run_name}
      </span>
      {columns.map(field => {
        const { text, full } = fieldText(run, field, trans, now);
        return (
          <span
            key={field}
            role="gridcell"
            className="jp-TracksideRow-value"
            title={full && `${fieldLabel(field, trans)} ${full}`}
          >
            {text}
          </span>
        );
      })}
      <span role="gridcell" className="jp-TracksideRow-when">
        {info.status !== 'FINISHED' && <StateIcon state={info.status} labelled trans={trans} />}
        <time title={start.full}>{start.text}</time>
      </span>
      <span role="gridcell" className="jp-TracksideRow-actions">
        {job && (
          <IconButton
            icon={logIcon}
            inRow
            label={trans.__('Show the log of %1', info.run_name)}
            onClick={() => void commands.execute(CommandIDs.showLog, { job: job.job_id })}
          />
        )}
        {job && (
          <IconButton
            icon={runIcon}
            inRow
            label={trans.__('Run %1 again', info.run_name)}
            onClick={() => void commands.execute(CommandIDs.rerunJob, { job: job.job_id })}
          />
        )}
        <IconButton
          icon={launchIcon}
          inRow
          label={trans.__('Open %1', info.run_name)}
          onClick={() => void commands.execute(CommandIDs.openRun, openArgs(run, job))}
        />
      </span>
    </>
  );
}

/** The arguments that open a run. */
export function openArgs(run: IRun, job: IJob | undefined): Record<string, string> {
  return {
    run_id: run.info.run_id,
    name: run.info.run_name,
    ...(job && { job_id: job.job_id })
  };
}

/** What a screen reader says about a run. */
export function describeRun(
  run: IRun,
  columns: readonly Field[],
  trans: TranslationBundle,
  now: number
): string {
  const values = columns.map(field => {
    const { text } = fieldText(run, field, trans, now);
    return text && `${fieldLabel(field, trans)} ${text}`;
  });
  const { run_name, status, start_time, end_time } = run.info;
  const { phrase } = startWords(status, start_time, end_time, now, trans);
  return [run_name, phrase, ...values, stateLook(status, trans).label].filter(Boolean).join(', ');
}
