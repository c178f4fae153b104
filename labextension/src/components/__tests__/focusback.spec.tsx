import * as React from 'react';
import { createRoot } from 'react-dom/client';
import { expect, it } from 'vitest';

import { useFocusBack } from '../hooks';

function Section(): JSX.Element {
  const [isOpen, setOpen] = React.useState(false);
  const frame = useFocusBack<HTMLElement>(isOpen);
  return (
    <section ref={frame}>
      <button>Undo</button>
      {isOpen ? (
        <input autoFocus onKeyDown={() => setOpen(false)} />
      ) : (
        <button onClick={() => setOpen(true)}>Edit</button>
      )}
    </section>
  );
}

it('a form gives the focus back to what opened it', async () => {
  const host = document.body.appendChild(document.createElement('div'));
  createRoot(host).render(<Section />);
  await expect.poll(() => host.querySelectorAll('button').length).toBe(2);
  const opener = host.querySelectorAll('button')[1];
  opener.focus();
  opener.click();
  await expect.poll(() => document.activeElement?.tagName).toBe('INPUT');
  document.activeElement!.dispatchEvent(
    new KeyboardEvent('keydown', { key: 'Escape', bubbles: true })
  );
  await expect.poll(() => document.activeElement?.textContent).toBe('Edit');
});
