import { nullTranslator } from '@jupyterlab/translation';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { makeChanges, makeCluster } from '../../__tests__/builders';
import { type Answer, Events, serveWith } from '../../__tests__/server';
import { VERSION } from '../../version';
import { ClusterModel } from '../cluster';
import { TracksideModel } from '../model';

const trans = nullTranslator.load('trackside');
const disposables: { dispose(): void }[] = [];

async function open(answer: () => Answer = () => ({ body: makeCluster() })) {
  const { settings, seen } = serveWith(({ path, query }) => {
    switch (path) {
      case 'api/v1/info':
        return { body: { version: VERSION, runners: [] } };
      case 'api/v1/changes':
        return { body: makeChanges({ reset: query.get('since') === null }) };
      default:
        return answer();
    }
  });
  const model = new TracksideModel({
    serverSettings: settings,
    events: new Events().manager,
    trans
  });
  await model.ready;
  const cluster = new ClusterModel(model);
  disposables.push(cluster, model);
  const queries = () =>
    seen.filter(({ path }) => path === 'api/v1/cluster').map(({ query }) => query);
  return { model, cluster, queries, asked: () => queries().length };
}

function hide(isHidden: boolean): void {
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(isHidden);
  document.dispatchEvent(new Event('visibilitychange'));
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] });
});

afterEach(() => {
  disposables.splice(0).forEach(item => item.dispose());
  vi.useRealTimers();
});

describe('the cluster', () => {
  it('is asked for only while somebody looks', async () => {
    const { cluster, asked } = await open();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked()).toBe(0);
    cluster.watch();
    await vi.waitFor(() => expect(cluster.cluster?.namespace).toBe('team-a'));
    await vi.advanceTimersByTimeAsync(15_000);
    await vi.waitFor(() => expect(asked()).toBe(2));
    cluster.unwatch();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked()).toBe(2);
  });

  it('is left alone while the page is hidden, and asked for when it comes back', async () => {
    const { cluster, asked } = await open();
    cluster.watch();
    await vi.waitFor(() => expect(cluster.cluster).not.toBeNull());
    hide(true);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked()).toBe(1);
    hide(false);
    await vi.waitFor(() => expect(asked()).toBe(2));
  });

  it('is asked for anew with everything else', async () => {
    const { model, cluster, asked, queries } = await open();
    await model.refresh(true);
    expect(asked()).toBe(0);
    cluster.watch();
    await vi.waitFor(() => expect(asked()).toBe(1));
    await model.refresh(true);
    await vi.waitFor(() => expect(asked()).toBe(2));
    expect(queries().map(query => query.get('refresh'))).toEqual([null, '1']);
  });

  it('stays known when it cannot be asked for', async () => {
    let isAway = false;
    const { model, cluster } = await open(() =>
      isAway ? new TypeError('gone') : { body: makeCluster() }
    );
    cluster.watch();
    await vi.waitFor(() => expect(cluster.cluster).not.toBeNull());
    isAway = true;
    await model.refresh(true);
    await vi.waitFor(() => expect(cluster.problem).toContain('does not answer'));
    expect(cluster.cluster?.state).toBe('connected');
  });
});
