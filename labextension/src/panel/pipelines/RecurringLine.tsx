import type { TranslationBundle } from '@jupyterlab/translation';
import {
  deleteIcon,
  editIcon,
  type LabIcon,
  listIcon,
  notebookIcon,
  pythonIcon,
  runIcon
} from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import type { IRecurringRun } from '../../api/pipelinerecords';
import { CommandIDs } from '../../commands';
import { IconButton } from '../../components/IconButton';
import { pipelineIcon } from '../../documents/pipeline/icon';
import { kindOf } from '../../paths';
import { lastText, missedText, scheduleText, until, whatText } from '../../pipelines/words';
import { moment } from '../../shared/format';
import { StateIcon } from '../../shared/StateIcon';
import { stateLook } from '../../shared/states';

/** One line about what recurs: its switch, what it is, its name, how often, when next, and what was missed. */
export function RecurringLine(props: {
  recurring: IRecurringRun;
  /** The state of its last run, where that is known. */
  lastState: string | undefined;
  now: number;
  commands: CommandRegistry;
  trans: TranslationBundle;
}): React.ReactElement {
  const { recurring, lastState, now, commands, trans } = props;
  const { recurring_id: id, name, enabled, next_at: next, job, cronjob } = recurring;
  const what = whatText(recurring, trans);
  const often = scheduleText(recurring.schedule, trans);
  const missed = missedText(recurring, trans);
  const Icon = recurring.kind === 'pipeline' ? pipelineIcon : jobIcon(job?.path ?? '');
  const act = (command: string, args = {}): void =>
    void commands.execute(command, { recurring_run: id, ...args });
  return (
    <>
      <span role="gridcell" className="jp-TracksidePipelines-switch">
        <button
          type="button"
          role="switch"
          className="jp-TracksideSwitch"
          aria-checked={enabled}
          aria-label={trans.__('%1 starts runs', name)}
          title={enabled ? trans.__('On: it starts runs') : trans.__('Off: it starts no runs')}
          tabIndex={-1}
          onClick={event => {
            event.stopPropagation();
            act(CommandIDs.enableRecurringRun, { enabled: !enabled });
          }}
          onDoubleClick={event => event.stopPropagation()}
        />
      </span>
      <span role="gridcell" className="jp-TracksidePipelines-kind" title={what}>
        <Icon.react tag="span" />
        <span className="jp-TracksideHidden">{what}</span>
      </span>
      <span
        role="gridcell"
        className="jp-TracksideRow-name"
        title={[name, job?.path].filter(Boolean).join('\n')}
      >
        {name}
      </span>
      <span
        role="gridcell"
        className={`jp-TracksidePipelines-detail ${missed ? 'jp-mod-alert' : ''}`}
        title={[what, often, keeperText(recurring, trans), missed, lastText(recurring, trans)]
          .concat(recurring.message)
          .filter(Boolean)
          .join('\n')}
      >
        {missed ? trans.__('%1, %2', often, missed) : trans.__('%1, %2', what, often)}
      </span>
      {cronjob && (
        <span
          role="gridcell"
          className="jp-TracksidePipelines-keeper"
          title={keeperText(recurring, trans)}
        >
          {trans.__('cluster')}
        </span>
      )}
      {lastState && (
        <span role="gridcell" className="jp-TracksideRow-state" title={lastText(recurring, trans)}>
          <StateIcon state={lastState} labelled trans={trans} />
        </span>
      )}
      <span role="gridcell" className="jp-TracksideRow-when">
        {enabled ? (
          next !== null && (
            <time title={trans.__('Next: %1', moment(next))}>{until(next, now, trans)}</time>
          )
        ) : (
          <span>{trans.__('off')}</span>
        )}
      </span>
      <span role="gridcell" className="jp-TracksideRow-actions">
        <IconButton
          icon={runIcon}
          inRow
          label={trans.__('Run %1 now', name)}
          onClick={() => act(CommandIDs.startRecurringRun)}
        />
        <IconButton
          icon={editIcon}
          inRow
          label={trans.__('Edit %1…', name)}
          onClick={() => act(CommandIDs.editRecurringRun)}
        />
        <IconButton
          icon={listIcon}
          inRow
          label={trans.__('Show the runs of %1', name)}
          onClick={() => act(CommandIDs.openRecurringRuns)}
        />
        <IconButton
          icon={deleteIcon}
          inRow
          label={trans.__('Delete %1', name)}
          onClick={() => act(CommandIDs.deleteRecurringRun)}
        />
      </span>
    </>
  );
}

/** What a screen reader says about what recurs. */
export function describeRecurring(
  recurring: IRecurringRun,
  lastState: string | undefined,
  now: number,
  trans: TranslationBundle
): string {
  const { name, enabled, next_at: next } = recurring;
  return [
    name,
    whatText(recurring, trans),
    enabled ? trans.__('on') : trans.__('off'),
    scheduleText(recurring.schedule, trans),
    enabled && next !== null && trans.__('next %1', until(next, now, trans)),
    missedText(recurring, trans),
    keeperText(recurring, trans),
    lastState && trans.__('last %1', stateLook(lastState, trans).label)
  ]
    .filter(Boolean)
    .join(', ');
}

function jobIcon(path: string): LabIcon {
  return kindOf(path) === 'notebook' ? notebookIcon : pythonIcon;
}

/** Who starts the runs, where that is not this server. */
function keeperText({ cronjob }: IRecurringRun, trans: TranslationBundle): string {
  return cronjob ? trans.__('kept by the cluster as CronJob %1', cronjob) : '';
}
