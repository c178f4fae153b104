import * as React from 'react';

import { useTrans } from '../trans-context';
import { Edges, NearEdges } from './Edges';
import { FarStates } from './FarStates';
import { moveFrom, type MoveKey, readingOrder } from './moves';
import { Node } from './Node';
import { type IGraph, type IGraphEdge, type ILayout, NODE } from './types';
import { useNear } from './useNear';
import { useViewport } from './useViewport';
import { neighboursOf } from './words';
import { ZoomBar } from './ZoomBar';

const MOVES = /^(Arrow(Up|Down|Left|Right)|Home|End)$/;

/** A graph of so few nodes opens so that they can be read, and not as a whole. */
const FEW = 40;

/** What a graph is drawn from. */
export interface IGraphViewProps {
  /** What it is a graph of. */
  label: string;
  graph: IGraph;
  layout: ILayout;
  chosen: string | null;
  /** What the end of the graph waits for. */
  critical: { nodes: ReadonlySet<string>; has: (edge: IGraphEdge) => boolean };
  onChoose: (id: string | null) => void;
  /** Enter what is a graph, or look into a task. */
  onOpen: (id: string) => void;
  /** Leave for the graph around this one. */
  onUp?: () => void;
  /** Whether the wheel zooms only together with a key, as in a notebook. */
  wheelNeedsKey?: boolean;
}

/**
 * A graph to look at and to walk through.
 *
 * For screen readers it is a list in the order of the flow, each entry with its neighbours; for the
 * keyboard one stop, in which the arrows follow the edges.
 */
export function GraphView(props: IGraphViewProps): JSX.Element {
  const { label, graph, layout, chosen, critical, onChoose, onOpen, onUp } = props;
  const trans = useTrans();
  const { isNear, onView } = useNear(graph.nodes.length);
  const hint = React.useId();
  const byId = React.useMemo(() => new Map(graph.nodes.map(node => [node.id, node])), [graph]);
  const neighbours = React.useMemo(() => neighboursOf(graph), [graph]);
  const order = React.useMemo(
    () => readingOrder(layout).filter(id => byId.has(id)),
    [layout, byId]
  );
  const start = layout.places.get(chosen ?? order[0]);
  const begin = start && order.length <= FEW ? { ...start, ...NODE } : null;
  const viewport = useViewport(layout, props.wheelNeedsKey ?? false, begin, onView);
  const { frame, canvas } = viewport;
  const [walked, setWalked] = React.useState<string | null>(null);
  const active = [chosen, walked].find(id => id !== null && byId.has(id)) ?? order[0];

  const nodeAt = (target: EventTarget): string | null =>
    (target as Element).closest<HTMLElement>('[data-node]')?.dataset.node ?? null;
  const show = (id: string): void => {
    const place = layout.places.get(id);
    if (place) {
      viewport.reveal({ ...place, ...NODE });
    }
  };
  const go = (id: string): void => {
    setWalked(id);
    onChoose(id);
    show(id);
    canvas.current
      ?.querySelector<HTMLElement>(`[data-node="${CSS.escape(id)}"]`)
      ?.focus({ preventScroll: true });
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const { key } = event;
    const here = nodeAt(event.target);
    const acts: Record<string, (() => void) | undefined> = {
      '+': viewport.zoomIn,
      '=': viewport.zoomIn,
      '-': viewport.zoomOut,
      '0': viewport.fit,
      Enter: here === null ? undefined : () => onOpen(here),
      ' ': here === null ? undefined : () => onChoose(here === chosen ? null : here),
      Escape: onUp,
      Backspace: onUp
    };
    const act = MOVES.test(key)
      ? () => go(moveFrom(graph, layout, here ?? active, key as MoveKey))
      : acts[key];
    if (act) {
      event.preventDefault();
      event.stopPropagation();
      act();
    }
  };
  // A node that comes into view by the focus alone would scroll the frame, which does not scroll.
  const onFocus = (event: React.FocusEvent): void => {
    const id = nodeAt(event.target);
    if (id !== null && event.target.matches(':focus-visible')) {
      show(id);
    }
    if (frame.current) {
      frame.current.scrollLeft = frame.current.scrollTop = 0;
    }
  };
  const isCritical = React.useCallback((edge: IGraphEdge) => critical.has(edge), [critical]);
  return (
    <div className="jp-TracksideGraph" role="group" aria-label={label} onKeyDown={onKeyDown}>
      <div
        ref={frame}
        className="jp-TracksideGraph-frame"
        onFocus={onFocus}
        onClick={event => {
          if (!viewport.hasDragged()) {
            const id = nodeAt(event.target);
            setWalked(id ?? walked);
            onChoose(id);
          }
        }}
        onDoubleClick={event => {
          const id = nodeAt(event.target);
          if (id !== null) {
            onOpen(id);
          }
        }}
      >
        {/* Far away until it is fitted, so that text is laid out only where it is seen. */}
        <div ref={canvas} className="jp-TracksideGraph-canvas jp-mod-far">
          <Edges edges={graph.edges} layout={layout} isCritical={isCritical} isNear={isNear} />
          {chosen !== null && <NearEdges edges={graph.edges} layout={layout} chosen={chosen} />}
          <div role="listbox" aria-label={label} aria-describedby={hint}>
            {order.map((id, at) => {
              const node = byId.get(id)!;
              const place = layout.places.get(id)!;
              return (
                <Node
                  key={id}
                  node={node}
                  place={place}
                  neighbours={neighbours.get(id)!}
                  isActive={id === active}
                  isChosen={id === chosen}
                  isCritical={critical.nodes.has(id)}
                  isNear={isNear(place, NODE)}
                  position={at + 1}
                  count={order.length}
                />
              );
            })}
          </div>
          <FarStates graph={graph} layout={layout} />
        </div>
      </div>
      <ZoomBar viewport={viewport} />
      <span id={hint} className="jp-TracksideHidden">
        {trans.__(
          'Arrow keys follow the edges. Enter opens. Plus and minus zoom, 0 shows all of it. Escape leaves for the graph around it.'
        )}
      </span>
    </div>
  );
}
