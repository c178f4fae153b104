import type { JupyterFrontEnd } from '@jupyterlab/application';
import { type MainAreaWidget, Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import { expect, it, vi } from 'vitest';

import { OpenDocuments } from '../opened';

class Page extends Widget {
  constructor(readonly key: string) {
    super();
  }
}

it('a document is made once, shown again, and made anew after it was closed', async () => {
  const shell = { add: vi.fn(), activateById: vi.fn() };
  const app = { shell } as unknown as JupyterFrontEnd;
  const pages = new OpenDocuments<Page>(app, null, null, {
    namespace: 'pages',
    command: 'open',
    trans: nullTranslator.load('trackside'),
    keyOf: ({ key }) => key
  });
  const make = vi.fn(async (key: string) => {
    const widget = Object.assign(new Widget(), { content: new Page(key) });
    return widget as unknown as MainAreaWidget<Page>;
  });
  const again = vi.fn();
  const open = (key: string): Promise<MainAreaWidget<Page>> =>
    pages.open(key, () => make(key), again);

  const [one, same, other] = await Promise.all([open('a'), open('a'), open('b')]);
  expect(same).toBe(one);
  expect(other).not.toBe(one);
  expect(again).not.toHaveBeenCalled();
  expect(await open('a')).toBe(one);
  expect(again).toHaveBeenCalledExactlyOnceWith(one.content);
  expect(shell.activateById).toHaveBeenLastCalledWith(one.id);
  // Without JupyterLab's shell it stands below the notebook, and asks for room.
  expect(shell.add).toHaveBeenCalledWith(one, 'down');
  expect(one.content.hasClass('jp-TracksideDoc-below')).toBe(true);

  one.dispose();
  expect(await open('a')).not.toBe(one);
  expect(make).toHaveBeenCalledTimes(3);
});

it('a document whose code does not come says so, and opens when it comes', async () => {
  const shell = { add: vi.fn(), activateById: vi.fn() };
  const pages = new OpenDocuments<Page>({ shell } as unknown as JupyterFrontEnd, null, null, {
    namespace: 'pages',
    command: 'open',
    trans: nullTranslator.load('trackside'),
    keyOf: ({ key }) => key
  });
  const told = vi.spyOn(Notification, 'error').mockReturnValue('');
  const missing = Object.assign(new Error('Loading chunk 7 failed.'), { name: 'ChunkLoadError' });
  await expect(pages.open('a', () => Promise.reject(missing))).rejects.toBe(missing);
  expect(told.mock.calls[0][0]).toMatch(/the Jupyter server does not answer/);

  const widget = Object.assign(new Widget(), { content: new Page('a') });
  await pages.open('a', () => Promise.resolve(widget as unknown as MainAreaWidget<Page>));
  expect(shell.add).toHaveBeenCalledOnce();
  expect(told).toHaveBeenCalledOnce();
});
