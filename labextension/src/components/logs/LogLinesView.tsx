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
  handle: React.Ref<ILogLinesHandle>;
}): JSX.Element {
  const { controller, version, wrap, finder, current, handle } = props;
  const trans = useTrans();
  const scroller = React.useRef<HTMLDivElement>(null);
  const { lines, base, epoch } = controller.window;
  const [wanted, setWanted] = React.useState<{ line: number } | null>(null);
  const virtualizer = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE,
    getItemKey: index => base + index,
    overscan: 20,
    paddingStart: 4,
    paddingEnd: 8
  });
  const settled = useSteadyScroll(
    scroller,
    controller,
    `${version} ${epoch} ${base} ${lines.length}`
  );
  React.useLayoutEffect(() => {
    // Only now the lines around a place that was jumped to are there to be scrolled to.
    if (wanted) {
      virtualizer.scrollToIndex(wanted.line - controller.window.base, { align: 'center' });
    }
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
  const marksOf = (index: number): Mark[] =>
    finder
      ?.find(lines[index].text)
      .map(([from, to]) => [from, to, current?.line === base + index && current.from === from]) ??
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
            {lines[item.index] && <LogText line={lines[item.index]} marks={marksOf(item.index)} />}
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
  version: string
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
      node.scrollTop += moved * LINE;
    }
    settled.current = { top: node.scrollTop, height: node.scrollHeight };
  }, [version, controller, scroller]);
  return settled;
}
