import { useVirtualizer } from '@tanstack/react-virtual';
import * as React from 'react';

import { LogText, type Mark } from '../../shared/log/LogText';
import { useTrans } from '../../shared/trans-context';
import type { LogController } from './controller';
import type { Finder, IMatch } from './matches';

/** The height of a line that does not wrap, in pixels. */
const LINE = 17;

/** How near to an end the next part is fetched, in pixels. */
const NEAR = 600;

/** What the bar above can ask the lines to do. */
export interface ILogLinesHandle {
  show(line: number): void;
  toEnd(): void;
}

/** The lines of a log, of which only those in view are drawn. */
export function LogLinesView(props: {
  controller: LogController;
  version: number;
  wrap: boolean;
  finder: Finder | null;
  current: IMatch | null;
  /** The places of the lines that are shown, when it is not all. */
  shown: readonly number[] | null;
  handle: React.Ref<ILogLinesHandle>;
}): JSX.Element {
  const { controller, version, wrap, finder, current, shown, handle } = props;
  const trans = useTrans();
  const scroller = React.useRef<HTMLDivElement>(null);
  const { lines, base, epoch } = controller.window;
  const [wanted, setWanted] = React.useState<{ line: number } | null>(null);
  const placeOf = (row: number): number => (shown ? shown[row] : row);
  const rowOf = (line: number): number => (shown ? rowsBefore(shown, line - base) : line - base);
  const virtualizer = useVirtualizer({
    count: shown?.length ?? lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE,
    getItemKey: index => base + placeOf(index),
    overscan: 20,
    paddingStart: 4,
    paddingEnd: 8
  });
  const settled = useSteadyScroll(
    scroller,
    controller,
    `${version} ${epoch} ${base} ${lines.length} ${shown?.length}`,
    rowOf
  );
  React.useLayoutEffect(() => {
    // Only now the lines around a place that was jumped to are there to be scrolled to.
    if (wanted) {
      virtualizer.scrollToIndex(rowOf(wanted.line), { align: 'center' });
    }
    // Where it stands is asked once, when it is wanted.
  }, [wanted, virtualizer, controller]);
  React.useImperativeHandle(handle, () => ({
    show: line => setWanted({ line }),
    toEnd: () => {
      const node = scroller.current;
      if (node) {
        node.scrollTop = node.scrollHeight;
      }
    }
  }));
  const onScroll = (): void => {
    const node = scroller.current;
    if (!node) {
      return;
    }
    const below = node.scrollHeight - node.scrollTop - node.clientHeight;
    if (below < LINE * 1.5) {
      controller.following = controller.atEnd || controller.following;
    } else if (
      node.scrollHeight === settled.current.height &&
      node.scrollTop < settled.current.top
    ) {
      // Nothing was added, so somebody scrolled up.
      controller.following = false;
    }
    if (node.scrollTop < NEAR) {
      void controller.loadEarlier();
    } else if (below < NEAR) {
      void controller.loadLater();
    }
  };
  const marksOf = (place: number): Mark[] =>
    finder
      ?.find(lines[place].text)
      .map(([from, to]) => [from, to, current?.line === base + place && current.from === from]) ??
    [];

  return (
    <div
      ref={scroller}
      className={`jp-TracksideLogLines${wrap ? ' jp-mod-wrap' : ''}`}
      role="log"
      aria-live="off"
      aria-label={trans.__('Log of the job')}
      tabIndex={0}
      onScroll={onScroll}
    >
      <div style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map(item => (
          <div
            key={item.key}
            ref={wrap ? virtualizer.measureElement : undefined}
            data-index={item.index}
            className="jp-TracksideLogLine"
            style={{ transform: `translateY(${item.start}px)` }}
          >
            {lines[placeOf(item.index)] && (
              <LogText line={lines[placeOf(item.index)]} marks={marksOf(placeOf(item.index))} />
            )}
          </div>
        ))}
      </div>
    </div>
  );
}

/**
 * Stay at the end while following; else keep the lines still while others come or go above them.
 * Returns where that left the view.
 */
function useSteadyScroll(
  scroller: React.RefObject<HTMLDivElement>,
  controller: LogController,
  version: string,
  rowOf: (line: number) => number
): React.MutableRefObject<{ top: number; height: number }> {
  const settled = React.useRef({ top: 0, height: 0 });
  const before = React.useRef({ base: 0, epoch: 0 });
  React.useLayoutEffect(() => {
    const node = scroller.current;
    const { base, epoch } = controller.window;
    const moved = before.current.epoch === epoch ? before.current.base - base : 0;
    before.current = { base, epoch };
    if (!node) {
      return;
    }
    if (controller.following) {
      node.scrollTop = node.scrollHeight;
    } else if (moved !== 0) {
      // Of what came above only what is shown moves the rest.
      node.scrollTop += (moved > 0 ? rowOf(base + moved) : moved) * LINE;
    }
    settled.current = { top: node.scrollTop, height: node.scrollHeight };
  }, [version, controller, scroller]);
  return settled;
}

/** How many of the shown lines stand before a place. */
function rowsBefore(shown: readonly number[], place: number): number {
  let low = 0;
  let high = shown.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (shown[middle] < place) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}
