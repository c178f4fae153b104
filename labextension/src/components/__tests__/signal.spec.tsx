import { Signal } from '@lumino/signaling';
import * as React from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, expect, it } from 'vitest';

import { useSignal } from '../hooks';

class Answer {
  readonly changed = new Signal<this, void>(this);
  text = 'waiting';

  come(text: string): void {
    this.text = text;
    this.changed.emit();
  }
}

let root: Root;
afterEach(() => root.unmount());

function show(element: JSX.Element): HTMLElement {
  const host = document.body.appendChild(document.createElement('div'));
  root = createRoot(host);
  root.render(element);
  return host;
}

it('what comes after something is drawn and before it listens is drawn, too', async () => {
  const answer = new Answer();
  let drawn = 0;
  function Shown(): JSX.Element {
    useSignal(answer.changed);
    drawn += 1;
    React.useLayoutEffect(() => {
      if (answer.text === 'waiting') {
        answer.come('here');
      }
    });
    return <p>{answer.text}</p>;
  }
  const host = show(<Shown />);
  await expect.poll(() => host.textContent).toBe('here');
  expect(drawn).toBe(2);
  answer.come('later');
  await expect.poll(() => host.textContent).toBe('later');
});

it('what is not news is not drawn again, and what is no longer shown is not listened to', async () => {
  const answers = [new Answer(), new Answer()];
  answers.forEach(answer => answer.come('known'));
  const drawn: string[] = [];
  let choose = (_: number): void => undefined;
  function Shown(): JSX.Element {
    const [index, setIndex] = React.useState(0);
    choose = setIndex;
    useSignal(answers[index].changed);
    drawn.push(`${index} ${answers[index].text}`);
    return <p>{drawn[drawn.length - 1]}</p>;
  }
  const host = show(<Shown />);
  await expect.poll(() => host.textContent).toBe('0 known');
  choose(1);
  await expect.poll(() => host.textContent).toBe('1 known');
  answers[0].come('unseen');
  answers[1].come('seen');
  await expect.poll(() => host.textContent).toBe('1 seen');
  expect(drawn).toEqual(['0 known', '1 known', '1 seen']);
});

it('only what is meant now is drawn again', async () => {
  const store = { changed: new Signal<object, string>({}), drawn: 0 };
  let choose = (_: string): void => undefined;
  function Shown(): JSX.Element {
    const [key, setKey] = React.useState('loss');
    choose = setKey;
    useSignal(store.changed, changed => changed === key);
    store.drawn += 1;
    return <p>{`${key} ${store.drawn}`}</p>;
  }
  const host = show(<Shown />);
  await expect.poll(() => host.textContent).toBe('loss 1');
  choose('acc');
  await expect.poll(() => host.textContent).toBe('acc 2');
  store.changed.emit('loss');
  store.changed.emit('acc');
  await expect.poll(() => host.textContent).toBe('acc 3');
});
