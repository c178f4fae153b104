import * as React from 'react';
import { createRoot, type Root } from 'react-dom/client';

import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { layout } from '../../../pipelines/layout';
import { GraphView, type IGraphViewProps } from '../GraphView';
import { moveFrom, type MoveKey } from '../moves';
import type { IGraph, IGraphNode } from '../types';
import { closePart, fitted, opened, overlap, revealed, zoomed } from '../viewport';

function node(id: string, change: Partial<IGraphNode> = {}): IGraphNode {
  return {
    id,
    name: id,
    title: id,
    kind: 'task',
    state: 'SUCCEEDED',
    started: 1000,
    ended: 3000,
    isGraph: false,
    tally: null,
    detail: '',
    ...change
  };
}

const GRAPH: IGraph = {
  nodes: [
    node('load'),
    node('train', {
      kind: 'loop',
      isGraph: true,
      state: 'FAILED',
      tally: { total: 3, done: 3, failed: 1 }
    }),
    node('check'),
    node('report', { state: '', started: null, ended: null })
  ],
  edges: [
    { from: 'load', to: 'train', kind: 'data', travels: [{ name: 'out', type: 'Dataset' }] },
    { from: 'load', to: 'check', kind: 'order', travels: [] },
    { from: 'train', to: 'report', kind: 'data', travels: [] }
  ]
};
const LAYOUT = layout(GRAPH);

let host: HTMLElement;
let root: Root;

beforeEach(() => {
  Reflect.set(globalThis, 'IS_REACT_ACT_ENVIRONMENT', true);
  host = document.body.appendChild(document.createElement('div'));
  root = createRoot(host);
});

afterEach(() => {
  React.act(() => root.unmount());
  host.remove();
});

function draw(change: Partial<IGraphViewProps> = {}): void {
  React.act(() =>
    root.render(
      <GraphView
        label="Tasks"
        graph={GRAPH}
        layout={LAYOUT}
        chosen={null}
        critical={{ nodes: new Set(['load', 'train']), has: edge => edge.to === 'train' }}
        onChoose={() => undefined}
        onOpen={() => undefined}
        {...change}
      />
    )
  );
}

function press(key: string): void {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true });
  React.act(() => void document.activeElement!.dispatchEvent(event));
}

function option(title: string): HTMLElement {
  return host.querySelector<HTMLElement>(`[data-node="${title}"]`)!;
}

test('a screen reader is told a list in the order of the flow, each entry with its state and neighbours', () => {
  draw();
  const told = [...host.querySelectorAll('[role="option"]')].map(one =>
    one.getAttribute('aria-label')
  );
  expect(told[0]).toBe('load; Succeeded; 0:02; on the critical path; before train, check');
  expect(told).toContain(
    'train; Loop; Failed; 0:02; 1 of 3 failed; on the critical path; after load; before report'
  );
  expect(told[3]).toBe('report; Not reached; after train');
});

test('what is not run has no state, neither to be seen nor to be read out', () => {
  const plan = [
    node('load', { state: null, started: null, ended: null }),
    node('good', {
      state: null,
      started: null,
      ended: null,
      kind: 'condition',
      detail: 'best > 0.4',
      isGraph: true,
      tally: { total: 2, done: 0, failed: 0 }
    })
  ];
  const graph = { nodes: plan, edges: [] };
  draw({ graph, layout: layout(graph), critical: { nodes: new Set(), has: () => false } });
  expect(option('load').getAttribute('aria-label')).toBe('load');
  expect(option('load').textContent).toBe('load');
  expect(option('good').getAttribute('aria-label')).toBe('good; Branch; if best > 0.4; 2 tasks');
  expect(option('good').querySelector('.jp-TracksideGraph-facts')!.textContent).toBe(
    'Branch · if best > 0.4 · 2 tasks'
  );
  expect(host.querySelector('.jp-TracksideState')).toBeNull();
});

test('the keyboard walks along the edges, opens, chooses and leaves', () => {
  const onChoose = vi.fn();
  const onOpen = vi.fn();
  const onUp = vi.fn();
  draw({ onChoose, onOpen, onUp });
  option('load').focus();
  press('ArrowDown');
  expect(['train', 'check']).toContain(onChoose.mock.calls[0][0]);
  option('train').focus();
  press('ArrowDown');
  expect(onChoose).toHaveBeenLastCalledWith('report');
  expect(document.activeElement).toBe(option('report'));
  press('Enter');
  expect(onOpen).toHaveBeenCalledWith('report');
  press('Home');
  expect(onChoose).toHaveBeenLastCalledWith('load');
  press(' ');
  expect(onChoose).toHaveBeenLastCalledWith('load');
  press('Escape');
  expect(onUp).toHaveBeenCalledTimes(1);
});

test('one stop for the Tab key, which is where the choice is', () => {
  draw({ chosen: 'train' });
  const stops = [...host.querySelectorAll('[role="option"][tabindex="0"]')];
  expect(stops).toEqual([option('train')]);
  expect(option('train').getAttribute('aria-selected')).toBe('true');
});

test('a double click opens, a click on nothing gives up the choice', () => {
  const onChoose = vi.fn();
  const onOpen = vi.fn();
  draw({ onChoose, onOpen });
  React.act(
    () => void option('train').dispatchEvent(new MouseEvent('dblclick', { bubbles: true }))
  );
  expect(onOpen).toHaveBeenCalledWith('train');
  React.act(() => host.querySelector<HTMLElement>('.jp-TracksideGraph-frame')!.click());
  expect(onChoose).toHaveBeenLastCalledWith(null);
});

test.each<[MoveKey, string]>([
  ['ArrowUp', 'train'],
  ['ArrowDown', 'report'],
  ['End', 'report'],
  ['Home', 'load']
])('%s leads from the last task to %s', (key, to) => {
  expect(moveFrom(GRAPH, LAYOUT, 'report', key)).toBe(to);
});

test('every task is reached by the arrows, also those that nothing leads to', () => {
  const apart: IGraph = { nodes: [...GRAPH.nodes, node('alone')], edges: GRAPH.edges };
  const places = layout(apart);
  const seen = new Set(['load']);
  for (const from of seen) {
    for (const key of ['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight'] as const) {
      seen.add(moveFrom(apart, places, from, key));
    }
  }
  expect(seen.size).toBe(5);
});

test('zooming keeps what is under the pointer, fitting shows all, and what is revealed is in view', () => {
  const view = zoomed({ x: 10, y: 20, scale: 1 }, 2, { x: 110, y: 120 });
  expect(view).toEqual({ x: -90, y: -80, scale: 2 });
  const whole = fitted({ width: 2000, height: 500 }, { width: 548, height: 400 });
  expect(whole.scale).toBe(0.25);
  expect(fitted({ width: 10, height: 10 }, { width: 500, height: 400 }).scale).toBe(1);
  const shown = revealed(
    whole,
    { x: 1900, y: 0, width: 100, height: 50 },
    { width: 548, height: 400 }
  );
  expect(shown.scale).toBeCloseTo(0.6);
  expect(shown.x + 2000 * shown.scale).toBeLessThanOrEqual(548);
});

test('text is made where it can be read: not from afar, and not far out of view', () => {
  const frame = { width: 1000, height: 500 };
  expect(closePart({ x: 0, y: 0, scale: 0.2 }, frame, null)).toBeNull();
  const part = closePart({ x: -100, y: 0, scale: 1 }, frame, null)!;
  expect(overlap(part, { x: 150, y: 100, width: 190, height: 46 })).toBe(true);
  expect(overlap(part, { x: 3000, y: 100, width: 190, height: 46 })).toBe(false);
  // A small move finds all of it there, a large one does not.
  expect(closePart({ x: -200, y: 0, scale: 1.2 }, frame, part)).toBe(part);
  expect(closePart({ x: -2000, y: 0, scale: 1 }, frame, part)).not.toBe(part);
});

test('of many tasks each is told to a screen reader, also where it is too small to be read', () => {
  const many = Array.from({ length: 150 }, (_, at) => node(`task-${at}`));
  const graph = { nodes: many, edges: [] };
  draw({ graph, layout: layout(graph) });
  expect(option('task-140').getAttribute('aria-label')).toBe('task-140; Succeeded; 0:02');
  expect(option('task-140').textContent).toBe('');
  expect(host.querySelectorAll('[role="option"]')).toHaveLength(150);
});

test('a few tasks open so that they can be read, with the one that is looked at; many as a whole', () => {
  const drawing = { width: 2000, height: 400 };
  const frame = { width: 600, height: 300 };
  const begin = { x: 0, y: 0, width: 190, height: 46 };
  expect(opened(drawing, frame, null)).toEqual(fitted(drawing, frame));
  const start = opened(drawing, frame, begin);
  expect(start).toEqual({ scale: 0.6, x: 24, y: 30 });
  const end = opened(drawing, frame, { ...begin, x: 1810, y: 354 });
  expect(end.x + drawing.width * end.scale).toBe(600 - 24);
  // What has room enough stands in the middle, as large as it is.
  const small = { width: 300, height: 100 };
  expect(opened(small, frame, begin)).toEqual(fitted(small, frame));
});
