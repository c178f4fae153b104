import { expect, test } from 'vitest';

import type { IGraph, IGraphNode } from '../../shared/graph/types';
import { NODE } from '../../shared/graph/types';
import { layout } from '../layout';

function makeGraph(size: number, edges: [number, number][]): IGraph {
  const nodes = Array.from({ length: size }, (_, at): IGraphNode => ({
    id: String(at),
    name: String(at),
    title: `task ${at}`,
    kind: 'task',
    state: '',
    started: null,
    ended: null,
    isGraph: false,
    tally: null,
    detail: ''
  }));
  return {
    nodes,
    edges: edges.map(([from, to]) => ({
      from: String(from),
      to: String(to),
      kind: 'order',
      travels: []
    }))
  };
}

/** A pipeline as large ones are: stages of many tasks, each taking from a few of the stage before. */
function large(size: number): IGraph {
  let seed = 7;
  const random = (): number => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648;
  const edges: [number, number][] = [];
  for (let at = 1; at < size; at += 1) {
    for (let link = 0; link <= random() * 2; link += 1) {
      edges.push([Math.max(0, Math.floor(at - 1 - random() * 40)), at]);
    }
  }
  return makeGraph(size, edges);
}

test('a chain runs down in one line', () => {
  const { places, flow } = layout(
    makeGraph(3, [
      [0, 1],
      [1, 2]
    ])
  );
  expect(flow).toBe('down');
  const at = ['0', '1', '2'].map(id => places.get(id)!);
  expect(new Set(at.map(({ x }) => x)).size).toBe(1);
  expect(at[0].y).toBeLessThan(at[1].y);
  expect(at[1].y).toBeLessThan(at[2].y);
});

test('many tasks beside each other stand below each other instead, where more of them is seen', () => {
  const edges = Array.from({ length: 100 }, (_, at): [number, number] => [0, at + 1]);
  const { flow, places, height, width } = layout(makeGraph(101, edges));
  expect(flow).toBe('right');
  expect(places.get('0')!.x).toBeLessThan(places.get('1')!.x);
  expect(height).toBeGreaterThan(width);
});

test('no two tasks overlap, and each stands after what it waits for', () => {
  const graph = large(200);
  const { places, flow } = layout(graph);
  const all = [...places.values()];
  for (const [at, one] of all.entries()) {
    for (const other of all.slice(at + 1)) {
      const isApart =
        Math.abs(one.x - other.x) >= NODE.width || Math.abs(one.y - other.y) >= NODE.height;
      expect(isApart).toBe(true);
    }
  }
  const axis = flow === 'down' ? 'y' : 'x';
  for (const { from, to } of graph.edges) {
    expect(places.get(from)![axis]).toBeLessThan(places.get(to)![axis]);
  }
});

test('crossings that can be avoided are', () => {
  // Two lanes that were given in the wrong order.
  const { places } = layout(
    makeGraph(4, [
      [0, 3],
      [1, 2]
    ])
  );
  const isLeft = places.get('0')!.x < places.get('1')!.x;
  expect(places.get('3')!.x < places.get('2')!.x).toBe(isLeft);
});

test('an edge that passes ranks goes around what stands there', () => {
  const { routes, places } = layout(
    makeGraph(3, [
      [0, 1],
      [1, 2],
      [0, 2]
    ])
  );
  const bends = routes[2].slice(1, -1);
  const middle = places.get('1')!;
  expect(bends.length).toBeGreaterThan(0);
  for (const { x } of bends) {
    expect(x < middle.x || x > middle.x + NODE.width).toBe(true);
  }
});

test('a circle, or an edge to nowhere, is drawn as well as can be', () => {
  const graph = makeGraph(3, [
    [0, 1],
    [1, 2],
    [2, 0],
    [1, 1]
  ]);
  const { places, routes } = layout({
    ...graph,
    edges: [...graph.edges, { from: '0', to: 'nowhere', kind: 'data', travels: [] }]
  });
  expect(places.size).toBe(3);
  expect(routes[4]).toEqual([]);
  expect(layout(makeGraph(0, [])).width).toBe(0);
});

test('five hundred tasks find their places well within the half second that their drawing may take', () => {
  const graph = large(500);
  // The quickest of some: what takes turns with others waits as often as it is interrupted.
  const times = Array.from({ length: 5 }, () => {
    const start = performance.now();
    layout(graph);
    return performance.now() - start;
  });
  expect(Math.min(...times)).toBeLessThan(250);
});
