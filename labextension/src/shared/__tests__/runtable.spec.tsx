import * as React from 'react';
import { createRoot } from 'react-dom/client';
import { expect, it } from 'vitest';

import { RunTable } from '../runs/RunTable';
import type { IListedRun } from '../runs/rows';

const run = (index: number): IListedRun => ({
  run_id: `r${index}`,
  run_name: `name-${index}`,
  status: 'FINISHED',
  start_time: 1,
  end_time: 2,
  metrics: {},
  params: {}
});

it('a list of runs is a stop for the Tab key wherever it is scrolled', async () => {
  const host = document.body.appendChild(document.createElement('div'));
  createRoot(host).render(
    <RunTable
      label="Runs"
      count={100}
      rowAt={run}
      columns={[]}
      curves={new Map()}
      selected={[]}
      onSelect={() => undefined}
    />
  );
  const stops = () =>
    [...host.querySelectorAll<HTMLElement>('[role=row][tabindex="0"]')].map(
      ({ dataset }) => dataset.index
    );
  await expect.poll(stops).toEqual(['0']);
  const scroller = host.querySelector('.jp-TracksideRunTable-rows')!;
  scroller.scrollTop = 1400;
  scroller.dispatchEvent(new Event('scroll', { bubbles: true }));
  await expect.poll(() => host.querySelector('[data-index="50"]')).not.toBeNull();
  expect(stops()).toEqual(['0']);
});

it('each key is heard where the one before led, also before anything was painted', async () => {
  const host = document.body.appendChild(document.createElement('div'));
  createRoot(host).render(
    <RunTable
      label="Runs"
      count={3}
      rowAt={run}
      columns={[]}
      curves={new Map()}
      selected={[]}
      onSelect={() => undefined}
    />
  );
  const row = (index: number) =>
    host.querySelector<HTMLElement>(`[role=row][data-index="${index}"]`);
  await expect.poll(() => row(0)).not.toBeNull();
  row(0)!.focus();
  for (const index of [1, 2]) {
    const press = { key: 'ArrowDown', bubbles: true };
    document.activeElement!.dispatchEvent(new KeyboardEvent('keydown', press));
    expect(document.activeElement).toBe(row(index));
  }
});
