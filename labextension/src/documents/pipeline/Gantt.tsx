import { caretDownIcon, caretRightIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { IconButton } from '../../components/IconButton';
import { VirtualList } from '../../components/VirtualList';
import { barOf, barRows, type IBarRow, type ISpan, spanOf, ticksOf } from '../../pipelines/gantt';
import { useNow } from '../../shared/clock';
import { clock, moment } from '../../shared/format';
import { stateWord, timeWord } from '../../shared/graph/words';
import { StateIcon } from '../../shared/StateIcon';
import { isLive, stateLook } from '../../shared/states';
import { useTrans } from '../../shared/trans-context';
import type { IPipelineContext } from './context';
import { titleOf } from './titles';

/** How far what is within something stands in. */
const INDENT = 14;

/** When which task ran. */
export function Gantt({ document }: IPipelineContext): JSX.Element {
  const { tree } = document;
  const trans = useTrans();
  const now = useNow(document.isLive);
  const [toggled, setToggled] = React.useState<ReadonlySet<string>>(new Set());
  const rows = React.useMemo(() => barRows(tree, toggled), [tree, toggled]);
  const span = spanOf(tree, now);
  const toggle = (path: string): void =>
    setToggled(before => {
      const after = new Set(before);
      if (!after.delete(path)) {
        after.add(path);
      }
      return after;
    });
  const nameOf = (row: IBarRow): string => {
    const title = titleOf(document, row.task.path);
    return isIteration(row) ? trans.__('%1, iteration %2', title, row.task.index) : title;
  };
  return (
    <div className="jp-TracksideGantt">
      <VirtualList
        label={trans.__('Timeline')}
        items={rows}
        keyOf={({ task }) => task.path}
        describe={row =>
          [
            nameOf(row),
            stateWord(row.task.state, trans),
            timeWord(row.task, now, trans),
            row.task.started !== null && span
              ? trans.__('from %1', clock(row.task.started - span.from))
              : ''
          ]
            .filter(Boolean)
            .join('; ')
        }
        attributes={({ task }) => ({
          'data-path': task.path,
          'data-chosen': task.path === document.chosen ? 'true' : undefined
        })}
        onOpen={({ task }) => document.reveal(task.path)}
        header={span && <Axis span={span} />}
        renderRow={row => (
          <>
            <div
              role="gridcell"
              className="jp-TracksideGantt-name"
              style={{ paddingInlineStart: row.depth * INDENT }}
              onClick={() => document.reveal(row.task.path)}
            >
              {row.isParent ? (
                <IconButton
                  icon={row.isOpen ? caretDownIcon : caretRightIcon}
                  label={
                    row.isOpen
                      ? trans.__('Fold %1', nameOf(row))
                      : trans.__('Unfold %1', nameOf(row))
                  }
                  expanded={row.isOpen}
                  inRow
                  onClick={() => toggle(row.task.path)}
                />
              ) : (
                <i className="jp-TracksideGantt-leaf" />
              )}
              <StateIcon state={row.task.state} />
              <bdi title={nameOf(row)}>
                {isIteration(row) ? trans.__('iteration %1', row.task.index) : nameOf(row)}
              </bdi>
            </div>
            <div
              role="gridcell"
              className="jp-TracksideGantt-line"
              onClick={() => document.reveal(row.task.path)}
            >
              {span && <Bar row={row} span={span} now={now} />}
            </div>
          </>
        )}
        footer={
          rows.length === 0 && (
            <p className="jp-TracksideDoc-note">{trans.__('No task has begun yet.')}</p>
          )
        }
      />
    </div>
  );
}

/** Whether it is a repetition, which stands below its loop. */
function isIteration({ task }: IBarRow): boolean {
  return task.index !== null && task.path.endsWith(']');
}

function Bar(props: { row: IBarRow; span: ISpan; now: number }): JSX.Element | null {
  const { row, span, now } = props;
  const trans = useTrans();
  const { task } = row;
  const place = barOf(task, span, now);
  if (!place) {
    return null;
  }
  const [from, to] = place;
  const tone = stateLook(task.state).tone;
  const time = timeWord(task, now, trans);
  return (
    <>
      <i
        className={`jp-TracksideGantt-bar jp-mod-${tone}${row.isParent ? ' jp-mod-parent' : ''}${isLive(task.state) ? ' jp-mod-live' : ''}`}
        title={`${moment(task.started!)} · ${time}`}
        style={{ insetInlineStart: `${from * 100}%`, width: `${Math.max(0, to - from) * 100}%` }}
      />
      <span
        className={to > 0.8 ? 'jp-mod-before' : ''}
        style={
          to > 0.8
            ? { insetInlineEnd: `${(1 - from) * 100}%` }
            : { insetInlineStart: `${to * 100}%` }
        }
      >
        {time}
      </span>
    </>
  );
}

function Axis(props: { span: ISpan }): JSX.Element {
  const { span } = props;
  const trans = useTrans();
  const length = (span.to - span.from) / 1000;
  return (
    <div role="row" className="jp-TracksideGantt-axis">
      <div role="columnheader" className="jp-TracksideGantt-name">
        {trans.__('Task')}
      </div>
      <div role="columnheader" className="jp-TracksideGantt-line" aria-label={trans.__('Time')}>
        {ticksOf(span).map(seconds => (
          <span key={seconds} style={{ insetInlineStart: `${(seconds / length) * 100}%` }}>
            {clock(seconds * 1000)}
          </span>
        ))}
      </div>
    </div>
  );
}
