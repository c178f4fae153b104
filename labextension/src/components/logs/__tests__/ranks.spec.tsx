import { nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { IRank } from '../../../api/clustertypes';
import { JobsApi } from '../../../api/jobs';
import { serveWith } from '../../../__tests__/server';
import type { ITracksideModel } from '../../../tokens';
import { LogView } from '../LogView';
import { RankChooser } from '../RankChooser';

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

const sockets: string[] = [];

class Socket {
  constructor(url: string) {
    sockets.push(new URL(url).search);
  }

  close(): void {}
}

const ranks = [0, 1].map(rank => ({ rank, state: rank === 0 ? 'running' : 'lost' }) as IRank);

function Ranks(props: { model: ITracksideModel }): JSX.Element {
  const [rank, setRank] = React.useState(0);
  const chooser = <RankChooser ranks={ranks} rank={rank} onRank={setRank} />;
  return <LogView model={props.model} job="j1" rank={rank || undefined} chooser={chooser} />;
}

let root: Root;
const host = document.createElement('div');

const field = <E extends Element>(selector: string): E => host.querySelector<E>(selector)!;

function type(element: HTMLInputElement | HTMLSelectElement, value: string): void {
  React.act(() => {
    // As a browser does it; React listens for what it did not set itself.
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(element), 'value')!.set!.call(
      element,
      value
    );
    const event = element instanceof HTMLSelectElement ? 'change' : 'input';
    element.dispatchEvent(new Event(event, { bubbles: true }));
  });
}

beforeEach(() => {
  sockets.length = 0;
  const { settings } = serveWith(() => ({ body: {} }));
  const jobsApi = new JobsApi({ ...settings, WebSocket: Socket as unknown as typeof WebSocket });
  const model = { jobsApi, trans: nullTranslator.load('trackside') } as unknown as ITracksideModel;
  document.body.append(host);
  root = createRoot(host);
  React.act(() => root.render(<Ranks model={model} />));
});

afterEach(() => {
  React.act(() => root.unmount());
  host.remove();
  vi.restoreAllMocks();
});

describe('the log of another rank', () => {
  it('is named with how the rank fares', () => {
    const options = [...host.querySelectorAll('option')].map(option => option.textContent);
    expect(options).toEqual(['Rank 0, running', 'Rank 1, lost']);
  });

  it('is searched for the same, and followed or not as the one before', () => {
    type(field<HTMLInputElement>('input[type="search"]'), 'loss');
    const follow = (): HTMLButtonElement =>
      [...host.querySelectorAll('button')].find(button => button.textContent === 'Follow')!;
    expect(follow().getAttribute('aria-pressed')).toBe('true');
    type(field<HTMLSelectElement>('select'), '1');
    expect(sockets).toEqual(['?tail=262144', '?tail=262144&rank=1']);
    expect(field<HTMLInputElement>('input[type="search"]').value).toBe('loss');
    expect(follow().getAttribute('aria-pressed')).toBe('true');
    const link = field<HTMLAnchorElement>('a[download]');
    expect(link.href).toContain('logs/download?rank=1');
    expect(link.download).toBe('j1-1.log');
  });
});
