import * as React from 'react';

import type { Flow, IGraphEdge, ILayout, IPoint } from './types';

/** How large the sign of an artifact is. */
const SIGN = 5;

/** So many lines are one shape: the browser draws few shapes sooner than many, and moves small ones sooner than large ones. */
const TOGETHER = 64;

/** How lines look: values solid, an order dashed, what the end waits for strong. */
type Look = IGraphEdge['kind'] | 'critical';

/** What leads from node to node, artifacts with their names. */
export const Edges = React.memo(
  (props: {
    edges: readonly IGraphEdge[];
    layout: ILayout;
    isCritical: (edge: IGraphEdge) => boolean;
    /** Whether what travels along an edge is told there. */
    isNear: (at: IPoint) => boolean;
  }): JSX.Element => {
    const { edges, layout, isCritical, isNear } = props;
    const id = React.useId();
    const bundles = React.useMemo(
      () => bundlesOf(edges, layout, isCritical),
      [edges, layout, isCritical]
    );
    return (
      <svg
        className="jp-TracksideGraph-edges"
        width={Math.max(1, layout.width)}
        height={Math.max(1, layout.height)}
        aria-hidden
      >
        <defs>
          {['plain', 'strong'].map(kind => (
            <marker
              key={kind}
              id={`${id}${kind}`}
              className={`jp-TracksideGraph-tip jp-mod-${kind}`}
              viewBox="0 0 8 8"
              refX="7"
              refY="4"
              markerWidth="8"
              markerHeight="8"
              markerUnits="userSpaceOnUse"
              orient={layout.flow === 'down' ? 90 : 0}
            >
              <path d="M0 0.500 8 4 0 7.500Z" />
            </marker>
          ))}
        </defs>
        {bundles.map(({ look, lines, tips }, at) => {
          const tip = `url(#${id}${look === 'critical' ? 'strong' : 'plain'})`;
          return (
            <React.Fragment key={at}>
              <path className={`jp-TracksideGraph-edge jp-mod-${look}`} d={lines} />
              <path d={tips} fill="none" markerStart={tip} markerMid={tip} markerEnd={tip} />
            </React.Fragment>
          );
        })}
        {edges.map(({ travels }, at) => {
          const artifacts = travels.filter(({ type }) => type);
          const place = artifacts.length && beforeEnd(layout.routes[at] ?? []);
          return place && isNear(place) ? <Sign key={at} artifacts={artifacts} at={place} /> : null;
        })}
      </svg>
    );
  }
);

interface IBundle {
  look: Look;
  lines: string;
  /** Where they arrive: each place is a vertex, which gets a tip. */
  tips: string;
}

/** Lines that look alike, some at a time, in the order of the flow; strong ones over all others. */
function bundlesOf(
  edges: readonly IGraphEdge[],
  { routes, flow }: ILayout,
  isCritical: (edge: IGraphEdge) => boolean
): IBundle[] {
  const alike: Record<Look, (readonly IPoint[])[]> = { order: [], data: [], critical: [] };
  edges.forEach((edge, at) => {
    if (routes[at]?.length) {
      alike[isCritical(edge) ? 'critical' : edge.kind].push(routes[at]);
    }
  });
  return (Object.keys(alike) as Look[]).flatMap(look => {
    const bundles: IBundle[] = [];
    for (let from = 0; from < alike[look].length; from += TOGETHER) {
      const some = alike[look].slice(from, from + TOGETHER);
      bundles.push({
        look,
        lines: some.map(route => pathOf(route, flow)).join(''),
        tips: verticesOf(some.map(route => route[route.length - 1]))
      });
    }
    return bundles;
  });
}

/** A line that is not drawn and only shows a marker at each of its ends and bends. */
export function verticesOf(points: readonly IPoint[]): string {
  const ends = points.map(({ x, y }) => `${round(x)} ${round(y)}`);
  // One point alone would be no line, and have no end.
  return `M${ends.join('L')}${ends.length > 1 ? '' : 'h0'}`;
}

/** The edges of one node, over all others: a choice draws nothing else anew. */
export function NearEdges(props: {
  edges: readonly IGraphEdge[];
  layout: ILayout;
  chosen: string;
}): JSX.Element {
  const { edges, layout, chosen } = props;
  return (
    <svg className="jp-TracksideGraph-edges" width="1" height="1" aria-hidden>
      {edges.map(
        (edge, at) =>
          (edge.from === chosen || edge.to === chosen) &&
          layout.routes[at]?.length > 0 && (
            <path
              key={at}
              className="jp-TracksideGraph-edge jp-mod-near"
              d={pathOf(layout.routes[at], layout.flow)}
            />
          )
      )}
    </svg>
  );
}

/** Artifacts that travel along an edge. */
function Sign(props: { artifacts: IGraphEdge['travels']; at: IPoint }): JSX.Element {
  const { artifacts, at } = props;
  const [first, ...more] = artifacts;
  return (
    <g className="jp-TracksideGraph-artifact" transform={`translate(${at.x} ${at.y})`}>
      <path d={`M0 ${-SIGN} ${SIGN} 0 0 ${SIGN} ${-SIGN} 0Z`} />
      <text x={SIGN + 4} y="4">
        {more.length ? `${first.name} +${more.length}` : first.name}
      </text>
    </g>
  );
}

/** Where the sign of an artifact stands: in the middle of the last way, where few edges run together. */
function beforeEnd(route: readonly IPoint[]): IPoint | null {
  if (route.length < 2) {
    return null;
  }
  const [from, to] = route.slice(-2);
  return { x: from.x + (to.x - from.x) * 0.55, y: from.y + (to.y - from.y) * 0.55 };
}

/** A line that leaves and arrives along the flow. */
function pathOf(route: readonly IPoint[], flow: Flow): string {
  const [start, ...rest] = route;
  let path = `M${round(start.x)} ${round(start.y)}`;
  let from = start;
  for (const to of rest) {
    const half = flow === 'down' ? (to.y - from.y) / 2 : (to.x - from.x) / 2;
    const [one, other] =
      flow === 'down'
        ? [
            { x: from.x, y: from.y + half },
            { x: to.x, y: to.y - half }
          ]
        : [
            { x: from.x + half, y: from.y },
            { x: to.x - half, y: to.y }
          ];
    path += `C${[one, other, to].map(({ x, y }) => `${round(x)} ${round(y)}`).join(' ')}`;
    from = to;
  }
  return path;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
