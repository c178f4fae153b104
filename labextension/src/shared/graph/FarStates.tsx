import * as React from 'react';

import { SHAPE_PATHS, type Shape, stateLook, type Tone } from '../states';
import { verticesOf } from './Edges';
import { type IGraph, type ILayout, type IPoint, NODE } from './types';

/** How large the sign of a state is where nothing else of a node can be read. */
const SIZE = 36;

/**
 * The states of all nodes as they are seen from afar: one shape for each state, whose sign the
 * browser repeats at each of its nodes.
 */
export const FarStates = React.memo((props: { graph: IGraph; layout: ILayout }): JSX.Element => {
  const { graph, layout } = props;
  const id = React.useId();
  const alike = React.useMemo(() => statesOf(graph, layout), [graph, layout]);
  return (
    <svg className="jp-TracksideGraph-states" width="1" height="1" aria-hidden>
      {[...alike].map(([key, { shape, tone, places }]) => {
        const { line, fill, dashed } = SHAPE_PATHS[shape];
        const name = `${id}${key}`;
        const sign = `url(#${name})`;
        return (
          <React.Fragment key={key}>
            <marker
              id={name}
              className={`jp-TracksideState jp-mod-${tone}`}
              viewBox="0 0 16 16"
              refX="8"
              refY="8"
              markerWidth={SIZE}
              markerHeight={SIZE}
              markerUnits="userSpaceOnUse"
              orient={0}
            >
              {line && (
                <path
                  className="jp-TracksideState-line"
                  d={line}
                  strokeDasharray={dashed ? '2.4 2.31' : undefined}
                />
              )}
              {fill && <path className="jp-TracksideState-fill" d={fill} />}
            </marker>
            <path
              d={verticesOf(places)}
              fill="none"
              markerStart={sign}
              markerMid={sign}
              markerEnd={sign}
            />
          </React.Fragment>
        );
      })}
    </svg>
  );
});

interface IAlike {
  shape: Shape;
  tone: Tone;
  places: IPoint[];
}

/** The middles of the nodes of each state; what has not been reached has none. */
function statesOf({ nodes }: IGraph, { places }: ILayout): Map<string, IAlike> {
  const alike = new Map<string, IAlike>();
  for (const { id, state } of nodes) {
    const place = places.get(id);
    if (state && place) {
      const { shape, tone } = stateLook(state);
      const key = `${shape}-${tone}`;
      const known = alike.get(key) ?? { shape, tone, places: [] };
      alike.set(key, known);
      known.places.push({ x: place.x + NODE.width / 2, y: place.y + NODE.height / 2 });
    }
  }
  return alike;
}
