import { CommandRegistry } from '@lumino/commands';
import { Signal } from '@lumino/signaling';
import * as React from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import type { IRecurringRun } from '../../../api/pipelinerecords';
import type { PipelinePlaces, PipelinesTab } from '../../../models/pipelineplaces';
import { moment } from '../../../shared/format';
import { english } from '../../../shared/trans';
import { PipelinesView } from '../PipelinesView';
import { RecurringLine } from '../RecurringLine';

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

const trans = english as never;
let root: Root;
let host: HTMLElement;

beforeEach(() => {
  vi.useFakeTimers();
  host = document.body.appendChild(document.createElement('div'));
  root = createRoot(host);
});

afterEach(() => {
  React.act(() => root.unmount());
  host.remove();
  vi.useRealTimers();
});

it('the state of the last run is told with when that run started, not with a moment that was missed', () => {
  const recurring = {
    kind: 'job',
    recurring_id: 'a',
    name: 'nightly',
    enabled: true,
    job: { path: 'nightly.ipynb' },
    schedule: { interval: 3600, cron: '' },
    next_at: null,
    missed: 1,
    problem: '',
    message: '',
    last_run: { kind: 'job', id: 'j', state: 'SUCCEEDED', started_at: 1000 },
    last: { due_at: 9_000_000, outcome: 'MISSED', message: 'The server was away.' }
  } as unknown as IRecurringRun;
  React.act(() =>
    root.render(
      <RecurringLine
        recurring={recurring}
        now={10_000_000}
        commands={new CommandRegistry()}
        trans={trans}
      />
    )
  );
  expect(host.querySelector('.jp-TracksidePipelines-last')!.getAttribute('title')).toBe(
    `Succeeded\n${moment(1000)}`
  );
});

it('what recurs here is asked for each minute while it is looked at, and nothing else here', () => {
  // There is no layout here: everything is in view.
  vi.spyOn(HTMLElement.prototype, 'offsetParent', 'get').mockReturnValue(document.body);
  vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockReturnValue({
    top: 0,
    bottom: 10
  } as DOMRect);
  const sender = {};
  const kfp = { refresh: vi.fn(async () => undefined), status: {}, changed: new Signal(sender) };
  const model = { trans, kfp, connectionChanged: new Signal<object, void>(sender), connection: {} };
  const list = {
    model,
    place: 'here',
    items: [],
    error: '',
    isLoading: false,
    changed: new Signal<object, void>(sender),
    refresh: vi.fn(async () => undefined)
  };
  const places = {
    model,
    shown: 'here',
    tab: 'recurring' as PipelinesTab,
    changed: new Signal<object, void>(sender),
    lists: { recurring: list, runs: list, pipelines: list },
    listsAt: () => ({ recurring: list, runs: list, pipelines: list })
  };
  React.act(() =>
    root.render(
      <PipelinesView
        places={places as unknown as PipelinePlaces}
        onPlace={() => undefined}
        commands={new CommandRegistry()}
      />
    )
  );
  React.act(() => void vi.advanceTimersByTime(60_000));
  expect(list.refresh).toHaveBeenCalledTimes(1);
  expect(kfp.refresh).not.toHaveBeenCalled();
  places.tab = 'pipelines';
  React.act(() => places.changed.emit());
  React.act(() => void vi.advanceTimersByTime(600_000));
  expect(list.refresh).toHaveBeenCalledTimes(1);
});
