import * as React from 'react';
import { createRoot } from 'react-dom/client';
import { expect, it } from 'vitest';

import { english } from '../../shared/trans';
import { FilterBox } from '../FilterBox';

/** Write something, as typing does: React watches the property itself, and not its prototype. */
function type(box: HTMLInputElement, text: string): void {
  const { set } = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')!;
  set!.call(box, text);
  box.dispatchEvent(new Event('input', { bubbles: true }));
}

it('who types on while the beginning is asked for loses no letter, and what is asked for elsewhere stands there', async () => {
  const host = document.body.appendChild(document.createElement('div'));
  const box = (): HTMLInputElement => host.querySelector('input')!;
  const asked: string[] = [];
  let choose = (_: string): void => undefined;
  function View(): JSX.Element {
    const [filter, setFilter] = React.useState('');
    choose = setFilter;
    React.useLayoutEffect(() => {
      if (filter === 'go') {
        type(box(), 'good');
      }
    }, [filter]);
    const onChange = (text: string): void => {
      asked.push(text);
      setFilter(text);
    };
    return <FilterBox value={filter} onChange={onChange} trans={english as never} />;
  }
  createRoot(host).render(<View />);
  await expect.poll(box).not.toBeNull();
  type(box(), 'go');
  await expect.poll(() => asked).toEqual(['go', 'good']);
  expect(box().value).toBe('good');
  choose('bad');
  await expect.poll(() => box().value).toBe('bad');
  expect(asked).toEqual(['go', 'good']);
});
