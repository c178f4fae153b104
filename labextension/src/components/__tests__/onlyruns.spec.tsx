import { nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';
import { createRoot } from 'react-dom/client';
import { expect, it } from 'vitest';

import { OnlyRuns } from '../OnlyRuns';

function View(): JSX.Element {
  const [name, setName] = React.useState('nightly');
  return (
    <div className="jp-TracksideTrash-body">
      {name && (
        <OnlyRuns name={name} onAll={() => setName('')} trans={nullTranslator.load('trackside')} />
      )}
      <div className="jp-TracksidePipelineRuns-bar">
        <input />
      </div>
    </div>
  );
}

it('who wants to see all runs again stands in the box that filters them', async () => {
  const host = document.body.appendChild(document.createElement('div'));
  createRoot(host).render(<View />);
  await expect.poll(() => host.textContent).toBe('Only runs that “nightly” started. Show all');
  const button = host.querySelector('button')!;
  button.focus();
  button.click();
  await expect.poll(() => host.textContent).toBe('');
  expect(document.activeElement).toBe(host.querySelector('input'));
});
