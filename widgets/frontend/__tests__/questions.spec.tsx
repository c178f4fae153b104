import * as React from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { Questions } from '../kernel';
import { useWindow, type IWindow } from '../window';

type Listener = (content: never) => void;

/** A kernel that answers when it is told to: to all views, as a kernel does. */
function makeModel() {
  const listeners = new Set<Listener>();
  const sent: { id: string; offset: number }[] = [];
  return {
    on: (_: string, listener: Listener) => void listeners.add(listener),
    off: (_: string, listener: Listener) => void listeners.delete(listener),
    send: (content: object) => void sent.push(content as { id: string; offset: number }),
    answer: () =>
      sent
        .splice(0)
        .forEach(({ id, offset }) => listeners.forEach(tell => tell({ id, offset } as never)))
  };
}

afterEach(() => {
  vi.useRealTimers();
});

describe('The views of a widget', () => {
  it('get the answers to their own questions', async () => {
    const model = makeModel();
    const one = new Questions(model).ask('rows', { offset: 0 });
    const other = new Questions(model).ask('rows', { offset: 50 });
    model.answer();
    expect(await Promise.all([one, other])).toMatchObject([{ offset: 0 }, { offset: 50 }]);
  });

  it('say that the kernel is silent, and take its answer when it comes', async () => {
    vi.useFakeTimers();
    const model = makeModel();
    const questions = new Questions(model);
    const heard: boolean[] = [];
    questions.onSilence = isSilent => heard.push(isSilent);
    const asked = questions.ask('rows', { offset: 50 });
    vi.advanceTimersByTime(60_000);
    expect(heard).toEqual([true]);
    model.answer();
    expect(await asked).toMatchObject({ offset: 50 });
    expect(heard).toEqual([true, false]);
  });
});

describe('A list of unknown length', () => {
  async function show() {
    const asked: number[] = [];
    const questions = {
      ask: async (_: string, { offset }: { offset: number }) => {
        asked.push(offset);
        const rows = Array.from({ length: 50 }, (_, index) => offset + index);
        return { rows, total: null, more: true };
      }
    } as unknown as Questions;
    let list: IWindow<number> | undefined;
    const View = ({ revision }: { revision: number }) => {
      list = useWindow<number>(questions, revision);
      return null;
    };
    const root = createRoot(document.createElement('div'));
    const draw = (revision: number) => root.render(<View revision={revision} />);
    draw(0);
    await expect.poll(() => list?.at(0)).toBe(0);
    return { list: list!, draw, asked };
  }

  it('goes on after it was renewed below and scrolled up', async () => {
    const { list, draw, asked } = await show();
    list.want(100, 149);
    await expect.poll(() => list.at(100)).toBe(100);
    asked.length = 0;
    draw(1);
    await expect.poll(() => asked).toEqual([100]);
    list.want(50, 60);
    await expect.poll(() => list.at(50)).toBe(50);
    expect(list.hasMore).toBe(true);
  });

  it('keeps what is around the rows in view, and asks for the rest again', async () => {
    const { list, asked } = await show();
    for (let offset = 0; offset < 5000; offset += 50) {
      list.want(offset, offset + 49);
      await expect.poll(() => list.at(offset)).toBe(offset);
    }
    expect(list.at(0)).toBeUndefined();
    expect(list.at(4900)).toBe(4900);
    asked.length = 0;
    list.want(0, 9);
    await expect.poll(() => list.at(0)).toBe(0);
    expect(asked).toEqual([0]);
  });
});
