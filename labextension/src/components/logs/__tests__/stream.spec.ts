import { ServerConnection } from '@jupyterlab/services';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { JobsApi } from '../../../api/jobs';
import type { LogFrame } from '../../../api/types';
import { LogController } from '../controller';
import { LogStream } from '../stream';

/** The server's end of a socket. */
class Line {
  static opened: Line[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  closed = false;

  constructor(readonly url: string) {
    Line.opened.push(this);
  }

  send(frame: LogFrame): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }

  chunk(offset: number, data: string): void {
    this.send({ type: 'chunk', offset, next_offset: offset + data.length, data });
  }

  break(): void {
    this.onclose?.();
  }

  close(): void {
    this.closed = true;
  }
}

let log = '';
let status = 200;
let asked: string[] = [];

function makeApi(): JobsApi {
  const settings = ServerConnection.makeSettings({
    baseUrl: 'http://localhost/hub/user/x/',
    wsUrl: 'ws://localhost/hub/user/x/',
    WebSocket: Line as unknown as typeof WebSocket,
    fetch: (async (input: Request) => {
      const url = new URL(input.url);
      asked.push(url.search);
      if (status !== 200) {
        return new Response(JSON.stringify({ message: 'There is no such job.', code: 'X' }), {
          status
        });
      }
      const offset = Number(url.searchParams.get('offset') ?? 0);
      const limit = Number(url.searchParams.get('limit') ?? log.length);
      const data = log.slice(offset, offset + limit);
      return new Response(
        JSON.stringify({
          offset,
          next_offset: offset + data.length,
          size: log.length,
          data,
          complete: false
        })
      );
    }) as typeof fetch
  });
  return new JobsApi(settings);
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  Line.opened = [];
  asked = [];
  status = 200;
  log = '';
});

afterEach(() => {
  vi.useRealTimers();
});

describe('following a log', () => {
  it('goes on where it stopped when the socket breaks', async () => {
    const heard: string[] = [];
    const stream = new LogStream(
      makeApi(),
      'j1',
      { tail: 100 },
      {
        onChunk: chunk => heard.push(chunk.data)
      }
    );
    expect(Line.opened[0].url).toContain('/trackside/api/v1/jobs/j1/logs/stream?tail=100');
    Line.opened[0].chunk(50, 'hello');
    Line.opened[0].break();
    await vi.advanceTimersByTimeAsync(1000);
    expect(Line.opened[1].url).toContain('offset=55');
    Line.opened[1].chunk(50, 'hello');
    Line.opened[1].chunk(55, ' world');
    expect(heard.join('')).toBe('hello world');
    stream.dispose();
  });

  it('ends with the job and does not come back', async () => {
    const onEnd = vi.fn();
    const stream = new LogStream(makeApi(), 'j1', { offset: 0 }, { onChunk: () => {}, onEnd });
    Line.opened[0].send({ type: 'end', offset: 0, state: 'SUCCEEDED' });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(onEnd).toHaveBeenCalledWith('SUCCEEDED');
    expect(stream.isDisposed).toBe(true);
    expect(Line.opened).toHaveLength(1);
  });

  it('fetches by requests where sockets do not get through', async () => {
    log = 'some text';
    const heard: string[] = [];
    const stream = new LogStream(
      makeApi(),
      'j1',
      { offset: 0 },
      {
        onChunk: chunk => heard.push(chunk.data)
      }
    );
    for (let tries = 0; tries < 3; tries++) {
      Line.opened[Line.opened.length - 1].break();
      await vi.advanceTimersByTimeAsync(15_000);
    }
    expect(heard.join('')).toBe('some text');
    stream.dispose();
  });

  it('says so and stops when there is no such log', async () => {
    status = 404;
    const onError = vi.fn();
    new LogStream(makeApi(), 'j1', { offset: 0 }, { onChunk: () => {}, onError });
    for (let tries = 0; tries < 3; tries++) {
      Line.opened[Line.opened.length - 1].break();
      await vi.advanceTimersByTimeAsync(15_000);
    }
    const opened = Line.opened.length;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(onError).toHaveBeenCalledOnce();
    expect(Line.opened).toHaveLength(opened);
  });
});

describe('a log of any size', () => {
  const makeLines = (count: number): string =>
    Array.from({ length: count }, (_, at) => `${String(at).padStart(9, '0')}\n`).join('');

  it('loads what comes before when it is wanted', async () => {
    log = makeLines(100_000);
    const controller = new LogController(makeApi(), 'j1');
    Line.opened[0].chunk(log.length - 1005, log.slice(-1005));
    expect(controller.window.lines[0].text).toBe('000099900');
    await controller.loadEarlier();
    expect(controller.window.lines[0].text).not.toBe('000099900');
    expect(controller.window.lines[controller.window.lines.length - 1].text).toBe('000099999');
    controller.dispose();
  });

  it('jumps to any place and finds the way back to the end', async () => {
    log = makeLines(200_000);
    const controller = new LogController(makeApi(), 'j1');
    Line.opened[0].chunk(log.length - 1000, log.slice(-1000));
    await controller.jump(500_000);
    const { window } = controller;
    expect(window.lines[0 - window.base].text).toBe('000050000');
    expect(Line.opened[0].closed).toBe(true);
    controller.following = true;
    expect(Line.opened[1].url).toContain('tail=');
    controller.dispose();
  });

  it('stops growing while the reader looks at an earlier part', () => {
    log = '';
    const controller = new LogController(makeApi(), 'j1');
    controller.following = false;
    const text = makeLines(26_000);
    for (let at = 0; at < 20 && !Line.opened[0].closed; at++) {
      Line.opened[0].chunk(at * text.length, text);
    }
    expect(Line.opened[0].closed).toBe(true);
    expect(controller.window.bytes).toBeLessThan(5 * 2 ** 20);
    expect(controller.window.start).toBe(0);
    controller.dispose();
  });
});
