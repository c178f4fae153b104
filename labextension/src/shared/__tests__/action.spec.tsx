import * as React from 'react';
import { createRoot } from 'react-dom/client';
import { expect, it } from 'vitest';

import { Action } from '../Action';

it('an action that fails says why beside its button, until it is tried again', async () => {
  const host = document.body.appendChild(document.createElement('div'));
  let isAway = true;
  const onClick = async () => {
    if (isAway) {
      throw Object.assign(new Error('The run is gone.'), { details: { hint: 'Choose another.' } });
    }
  };
  createRoot(host).render(<Action label="Run again" onClick={onClick} />);
  await expect.poll(() => host.querySelector('button')).not.toBeNull();
  host.querySelector('button')!.click();
  await expect
    .poll(() => host.querySelector('[role=alert]')?.textContent)
    .toBe('The run is gone. Choose another.');
  expect(host.querySelector('button')!.ariaBusy).not.toBe('true');
  isAway = false;
  host.querySelector('button')!.click();
  await expect.poll(() => host.querySelector('[role=alert]')).toBeNull();
});
