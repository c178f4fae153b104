import { clock, duration } from '../format';
import { isLive, stateLook } from '../states';
import type { ITrans } from '../trans';
import type { IGraph, IGraphNode, NodeKind } from './types';

/** Most neighbours that are read out by name. */
const MOST_NAMED = 4;

/** What a node is, in a word; nothing for a plain task. */
export function kindWord(kind: NodeKind, trans: ITrans): string {
  switch (kind) {
    case 'loop':
      return trans.__('Loop');
    case 'graph':
      return trans.__('Pipeline');
    case 'condition':
      return trans.__('Branch');
    case 'branches':
      return trans.__('Branches');
    case 'exit-handler':
      return trans.__('With exit task');
    case 'importer':
      return trans.__('Importer');
    case 'task':
      return '';
  }
}

/** The state of a node in a word; what the run has not reached has none of the server's. */
export function stateWord(state: string | null, trans: ITrans): string {
  if (state === null) {
    return '';
  }
  return state ? stateLook(state, trans).label : trans.__('Not reached');
}

/** How many of what is in a node have come to their end; without a run, how many there are. */
export function tallyWord({ tally, kind, state }: IGraphNode, trans: ITrans): string {
  if (!tally) {
    return '';
  }
  const { total, done, failed } = tally;
  if (state === null) {
    return trans._n('%1 task', '%1 tasks', total);
  }
  if (failed && done === total) {
    return trans.__('%1 of %2 failed', failed, total);
  }
  const all =
    kind === 'loop'
      ? trans._n('%2 of %1 iteration', '%2 of %1 iterations', total, done)
      : trans._n('%2 of %1 task', '%2 of %1 tasks', total, done);
  return failed ? trans.__('%1, %2 failed', all, failed) : all;
}

/** How long a node has taken; a clock while it goes on. */
export function timeWord(
  node: Pick<IGraphNode, 'started' | 'ended' | 'state'>,
  now: number,
  trans: ITrans
): string {
  const { started, ended, state } = node;
  if (started === null || state === 'SKIPPED') {
    return '';
  }
  if (ended === null) {
    return isLive(state ?? '') ? clock(now - started) : '';
  }
  return duration(ended - started, trans);
}

/** The titles of what is before and after a node. */
export interface INeighbours {
  before: string[];
  after: string[];
}

/** The neighbours of each node of a graph. */
export function neighboursOf({ nodes, edges }: IGraph): ReadonlyMap<string, INeighbours> {
  const titles = new Map(nodes.map(({ id, title }) => [id, title]));
  const all = new Map(nodes.map(({ id }) => [id, { before: [], after: [] } as INeighbours]));
  for (const { from, to } of edges) {
    all.get(from)?.after.push(titles.get(to) ?? to);
    all.get(to)?.before.push(titles.get(from) ?? from);
  }
  return all;
}

/** A node as it is read out: what it is, how it stands, and what is before and after it. */
export function describe(
  node: IGraphNode,
  neighbours: INeighbours,
  isCritical: boolean,
  now: number,
  trans: ITrans
): string {
  const named = (titles: readonly string[]): string => {
    const shown = titles.slice(0, MOST_NAMED).join(', ');
    const rest = titles.length - MOST_NAMED;
    return rest > 0 ? trans.__('%1 and %2 more', shown, rest) : shown;
  };
  const before = named(neighbours.before);
  const after = named(neighbours.after);
  return [
    node.title,
    kindWord(node.kind, trans),
    node.detail && trans.__('if %1', node.detail),
    stateWord(node.state, trans),
    timeWord(node, now, trans),
    tallyWord(node, trans),
    isCritical && trans.__('on the critical path'),
    before && trans.__('after %1', before),
    after && trans.__('before %1', after)
  ]
    .filter(Boolean)
    .join('; ');
}
