import * as React from 'react';

import type { Flow, IGraphEdge, ILayout, IPoint } from './types';

/** How large the sign of an artifact is. */
const SIGN = 5;

/** What leads from node to node: values solid, an order dashed, artifacts with their names. */
export const Edges = React.memo(
  (props: {
    edges: readonly IGraphEdge[];
    layout: ILayout;
    isCritical: (edge: IGraphEdge) => boolean;
  }): JSX.Element => {
    const { edges, layout, isCritical } = props;
    const id = React.useId();
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
              orient="auto"
            >
              <path d="M0 0.500 8 4 0 7.500Z" />
            </marker>
          ))}
        </defs>
        {edges.map((edge, at) => {
          const route = layout.routes[at];
          if (!route?.length) {
            return null;
          }
          const isStrong = isCritical(edge);

          const artifacts = edge.travels.filter(({ type }) => type);
          return (
            <React.Fragment key={at}>
              <path
                className={`jp-TracksideGraph-edge jp-mod-${edge.kind}${isStrong ? ' jp-mod-critical' : ''}`}
                d={pathOf(route, layout.flow)}
                markerEnd={`url(#${id}${isStrong ? 'strong' : 'plain'})`}
              />
              {artifacts.length > 0 && <Sign artifacts={artifacts} at={beforeEnd(route)} />}
            </React.Fragment>
          );
        })}
      </svg>
    );
  }
);

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
function beforeEnd(route: readonly IPoint[]): IPoint {
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
