import { CommandRegistry } from '@lumino/commands';
import * as React from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, describe, expect, it } from 'vitest';

import type { IComparedRun } from '../../api/compare';
import type { IRun } from '../../api/types';
import type { ICompareContext } from '../../documents/compare/context';
import { RunStrip } from '../../documents/compare/RunStrip';
import type { IRunContext } from '../../documents/run/context';
import { Header } from '../../documents/run/Header';
import { describeRun, RunRow } from '../../panel/RunRow';
import { fieldText } from '../../panel/fieldwords';
import { moment } from '../format';
import { Row } from '../runs/Row';
import { RunCard } from '../runs/RunCard';
import type { IListedRun } from '../runs/rows';
import { english } from '../trans';

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

const MADE = Date.UTC(2026, 4, 1);
const NOW = MADE + 300_000;
const FULL = `Queued; made, or begun first, at ${moment(MADE)}`;
const trans = english as never;
const run: IListedRun = {
  run_id: 'r1',
  run_name: 'one',
  status: 'SCHEDULED',
  start_time: MADE,
  end_time: null,
  metrics: {},
  params: {}
};
const tracked = { info: run, metrics: new Map(), params: new Map(), tags: new Map() } as never;

let root: Root | undefined;
const host = document.createElement('div');

function draw(view: JSX.Element): string {
  root = createRoot(host);
  React.act(() => root!.render(view));
  return host.innerHTML;
}

afterEach(() => {
  React.act(() => root?.unmount());
  root = undefined;
});

describe('a run that waits', () => {
  afterEach(() => {
    // A clock, as of what runs.
    expect(host.textContent).not.toMatch(/\d:\d\d|ago|started/);
  });

  it('is queued in a list of a cell', () => {
    const none = (): void => undefined;
    const drawn = draw(
      <Row
        index={0}
        run={run}
        columns={[]}
        curveColumn={undefined}
        curve={undefined}
        now={NOW}
        isActive
        isSelected={false}
        onFocus={none}
        onSelect={none}
      />
    );
    expect(drawn).toContain('aria-label="one, Queued"');
    expect(drawn).toContain(`title="${FULL}"`);
  });

  it('is queued on its card', () => {
    expect(draw(<RunCard run={run} metrics={[]} curves={{}} />)).toContain(`title="${FULL}"`);
  });

  it('is queued in the panel', () => {
    const start = fieldText(tracked as IRun, 'attributes.start_time', trans, NOW);
    expect(start).toEqual({ text: 'Queued', full: FULL });
    expect(describeRun(tracked, [], trans, NOW)).toBe('one, Queued');
    const drawn = draw(
      <RunRow
        run={tracked}
        job={undefined}
        columns={[]}
        isSelected={false}
        now={NOW}
        commands={new CommandRegistry()}
        trans={trans}
      />
    );
    expect(drawn).toContain(`<time title="${FULL}">Queued</time>`);
  });

  it('is queued where runs are compared', () => {
    const compared = { ...run, experiment_name: 'vision', lifecycle_stage: 'active' };
    const context = {
      compare: { tracks: { trans }, runIds: ['r1'] },
      comparison: { runs: [compared as IComparedRun], base: 'r1' },
      commands: new CommandRegistry(),
      looks: new Map([['r1', { colour: 'red', dash: 0 }]])
    } as unknown as ICompareContext;
    expect(draw(<RunStrip {...context} />)).toContain(`title="vision · ${FULL}"`);
  });

  it('is queued in the head of its document', () => {
    const context = {
      run: { run: tracked, job: null, name: 'one', tracks: { trans, connection: {} } },
      commands: new CommandRegistry()
    } as unknown as IRunContext;
    expect(draw(<Header {...context} />)).toContain('Queued');
    expect(host.querySelector('.jp-TracksideCard-facts')!.textContent).toBe('');
  });
});
