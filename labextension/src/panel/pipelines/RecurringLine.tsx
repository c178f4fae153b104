import type { TranslationBundle } from '@jupyterlab/translation';
import { deleteIcon, editIcon, listIcon, runIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import type { IRecurringRun } from '../../api/pipelinerecords';
import { CommandIDs } from '../../commands';
import { IconButton } from '../../components/IconButton';
import { missedLines, missedText, scheduleText, until } from '../../pipelines/words';
import { moment } from '../../shared/format';

/** One line about what recurs: its switch, its name, how often, when next, and what was missed. */
export function RecurringLine(props: {
  recurring: IRecurringRun;
  now: number;
  commands: CommandRegistry;
  trans: TranslationBundle;
}): React.ReactElement {
  const { recurring, now, commands, trans } = props;
  const { recurring_id: id, name, enabled, next_at: next } = recurring;
  const often = scheduleText(recurring.schedule, trans);
  const missed = missedText(recurring, trans);
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
      <span role="gridcell" className="jp-TracksideRow-name" title={name}>
        {name}
      </span>
      <span
        role="gridcell"
        className={`jp-TracksidePipelines-detail ${missed ? 'jp-mod-alert' : ''}`}
        title={[often, missed, ...missedLines(recurring, trans), recurring.message]
          .filter(Boolean)
          .join('\n')}
      >
        {missed || often}
      </span>
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
          onClick={() => act(CommandIDs.openPipelineRuns)}
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
  const { name, enabled, next_at: next } = recurring;
  return [
    name,
    enabled ? trans.__('on') : trans.__('off'),
    scheduleText(recurring.schedule, trans),
    enabled && next !== null && trans.__('next %1', until(next, now, trans)),
    missedText(recurring, trans)
  ]
    .filter(Boolean)
    .join(', ');
}
