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
import { alertIcon } from '../icons';

/** One line about what recurs: its switch, what it is, how the last run goes, its name, how often, when next, what was missed. */
export function RecurringLine(props: {
  recurring: IRecurringRun;
  now: number;
  commands: CommandRegistry;
  trans: TranslationBundle;
}): React.ReactElement {
  const { recurring, now, commands, trans } = props;
  const { recurring_id: id, name, enabled, next_at: next, job, cronjob } = recurring;
  const { state: lastState, started_at: lastAt } = recurring.last_run ?? {};
  const what = whatText(recurring, trans);
  const often = scheduleText(recurring.schedule, trans);
  const missed = missedText(recurring, trans);
  const wrong = recurring.problem || recurring.message;
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
      <span role="gridcell" className="jp-TracksideRow-state">
        {lastState && (
          <button
            type="button"
            className="jp-TracksidePipelines-last"
            aria-label={trans.__(
              'Open the last run of %1: %2',
              name,
              stateLook(lastState, trans).label
            )}
            title={[stateLook(lastState, trans).label, lastAt && moment(lastAt)]
              .filter(Boolean)
              .join('\n')}
            tabIndex={-1}
            onClick={event => {
              event.stopPropagation();
              act(CommandIDs.openLastRun);
            }}
            onDoubleClick={event => event.stopPropagation()}
          >
            <StateIcon state={lastState} trans={trans} />
          </button>
        )}
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
        className={`jp-TracksidePipelines-detail ${wrong || missed ? 'jp-mod-alert' : ''}`}
        title={[recurring.problem, what, often, keeperText(recurring, trans), missed]
          .concat(lastText(recurring, trans), recurring.message)
          .filter(Boolean)
          .join('\n')}
      >
        {(wrong || missed) && <alertIcon.react tag="span" aria-hidden />}
        {wrong || trans.__('%1, %2', missed ? often : what, missed || often)}
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
  now: number,
  trans: TranslationBundle
): string {
  const { name, enabled, next_at: next, last_run: last } = recurring;
  return [
    name,
    whatText(recurring, trans),
    enabled ? trans.__('on') : trans.__('off'),
    scheduleText(recurring.schedule, trans),
    enabled && next !== null && trans.__('next %1', until(next, now, trans)),
    missedText(recurring, trans),
    keeperText(recurring, trans),
    last?.state && trans.__('last %1', stateLook(last.state, trans).label),
    recurring.problem || recurring.message
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
