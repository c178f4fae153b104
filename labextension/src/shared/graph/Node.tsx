import * as React from 'react';

import { useNow } from '../clock';
import { StateIcon } from '../StateIcon';
import { isLive, stateLook } from '../states';
import type { ITrans } from '../trans';
import { useTrans } from '../trans-context';
import type { IGraphNode, IPoint, NodeKind } from './types';
import { NODE } from './types';
import { describe, type INeighbours, kindWord, stateWord, tallyWord, timeWord } from './words';

/** What stands for a kind on a 16 × 16 canvas. */
const SIGNS: Partial<Record<NodeKind, string>> = {
  loop: 'M13 8a5 5 0 1 1-1.700-3.750M11.500 1.500v3h-3',
  graph: 'M2.500 2.500h4v4h-4zM9.500 9.500h4v4h-4zM4.500 6.500v5h5',
  condition: 'M8 2 14 8 8 14 2 8Z',
  branches: 'M8 2v4M8 6 3.500 10v4M8 6l4.500 4v4',
  'exit-handler': 'M6 2.500H2.500v11H6M6.500 8h7M10.500 5l3 3-3 3',
  importer: 'M8 2v8M4.500 6.500 8 10l3.500-3.500M2.500 13.500h11'
};

/** What a node is drawn from. */
export interface INodeProps {
  node: IGraphNode;
  place: IPoint;
  neighbours: INeighbours;
  isActive: boolean;
  isChosen: boolean;
  isCritical: boolean;
  /** Whether it is close enough to be read. */
  isNear: boolean;
  position: number;
  count: number;
}

/** One box: state as icon, colour and word, its name, and how long it has taken. */
export const Node = React.memo((props: INodeProps): JSX.Element => {
  const { node, place, neighbours, isActive, isChosen, isCritical, isNear, position, count } =
    props;
  const trans = useTrans();
  const now = useNow(node.started !== null && node.ended === null && isLive(node.state ?? ''));
  const tone = node.state === null ? 'plan' : node.state ? stateLook(node.state).tone : 'none';
  return (
    <div
      role="option"
      className={[
        'jp-TracksideGraph-node',
        `jp-mod-${tone}`,
        node.isGraph ? 'jp-mod-graph' : '',
        isCritical ? 'jp-mod-critical' : ''
      ].join(' ')}
      data-node={node.id}
      data-state={node.state ?? undefined}
      aria-label={describe(node, neighbours, isCritical, now, trans)}
      aria-selected={isChosen}
      aria-posinset={position}
      aria-setsize={count}
      tabIndex={isActive ? 0 : -1}
      title={[...new Set([node.title, node.detail, node.name])].filter(Boolean).join('\n')}
      style={{
        width: NODE.width,
        height: NODE.height,
        transform: `translate(${place.x}px, ${place.y}px)`
      }}
    >
      {isNear && <Inside node={node} now={now} />}
    </div>
  );
}, isSame);

/** What of a node is read. */
function Inside(props: { node: IGraphNode; now: number }): JSX.Element {
  const { node, now } = props;
  const trans = useTrans();
  const facts = factsOf(node, now, trans);
  const sign = SIGNS[node.kind];
  return (
    <>
      {node.state !== null && <StateIcon state={node.state || 'PENDING'} />}
      <span className="jp-TracksideGraph-title">{node.title}</span>
      {sign && (
        <svg className="jp-TracksideGraph-kind" viewBox="0 0 16 16" width="14" height="14">
          <title>{kindWord(node.kind, trans)}</title>
          <path d={sign} />
        </svg>
      )}
      {facts && <span className="jp-TracksideGraph-facts">{facts}</span>}
    </>
  );
}

/** What stands below the title: how it goes, or, where nothing runs, what it is. */
function factsOf(node: IGraphNode, now: number, trans: ITrans): string {
  const { kind, state, started, detail } = node;
  const isCounted = kind === 'loop' ? started !== null : isLive(state ?? '');
  const facts =
    state === null
      ? [kindWord(kind, trans), detail && trans.__('if %1', detail), tallyWord(node, trans)]
      : [
          (isCounted && tallyWord(node, trans)) || stateWord(state, trans),
          timeWord(node, now, trans)
        ];
  return facts.filter(Boolean).join(' · ');
}

/** Whether nothing is to be drawn anew: each answer of the server brings new objects of what is as it was. */
function isSame(one: INodeProps, other: INodeProps): boolean {
  const isEqual = (a: unknown, b: unknown): boolean =>
    a === b || JSON.stringify(a) === JSON.stringify(b);
  return (Object.keys(one) as (keyof INodeProps)[]).every(key => isEqual(one[key], other[key]));
}
