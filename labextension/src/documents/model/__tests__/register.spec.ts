import { Notification } from '@jupyterlab/apputils';
import { PromiseDelegate } from '@lumino/coreutils';
import { expect, it, vi } from 'vitest';

import { english } from '../../../shared/trans';
import type { ITracksideModel } from '../../../tokens';
import { openRegisterDialog } from '../register/dialog';
import { RegisterModel } from '../register/model';

const RUN = { info: { run_id: 'r', experiment_id: '1', artifact_uri: '/artifacts' } };

/** A registry with a run that logged one model, whose stages and aliases a test refuses as it likes. */
function registryOf() {
  const place = vi.fn<(name: string) => Promise<void>>().mockResolvedValue(undefined);
  const setAlias = vi.fn<(name: string) => Promise<void>>().mockResolvedValue(undefined);
  const createVersion = vi.fn(async ({ name }: { name: string }) => ({ name, version: '3' }));
  const registryApi = {
    model: async () => ({}),
    models: async () => ({ models: [] }),
    loggedModels: async () => [{ model_id: 'm', name: 'model' }],
    createVersion,
    place,
    setAlias
  };
  const trackingApi = { run: async () => RUN, artifacts: async () => [] };
  const tracks = { registryApi, trackingApi, trans: english } as unknown as ITracksideModel;
  return { tracks, place, setAlias, createVersion };
}

/** Wait for a part of the dialog. */
function find<E extends HTMLElement>(selector: string): Promise<E> {
  return vi.waitFor(() => {
    const found = document.querySelector<E>(`.jp-Dialog ${selector}`);
    expect(found).not.toBeNull();
    return found!;
  });
}

it('goes on where a part of it failed, with the model that was registered and nothing done twice', async () => {
  const { tracks, place, setAlias, createVersion } = registryOf();
  place.mockRejectedValueOnce(new Error('away'));
  setAlias.mockRejectedValueOnce(new Error('away'));
  const register = new RegisterModel(tracks, 'r');
  register.set({ source: 's', name: 'digits', stage: 'Production', alias: 'champion' });
  expect(await register.submit()).toBeNull();
  expect(register.progress).toContain('version 3');
  expect(await register.submit()).toBeNull();
  register.set({ name: 'another' });
  expect(await register.submit()).toEqual({ name: 'digits', version: '3' });
  expect([register.error, register.progress]).toEqual(['', '']);
  expect(createVersion).toHaveBeenCalledTimes(1);
  expect(place.mock.calls.map(([name]) => name)).toEqual(['digits', 'digits']);
  expect(setAlias.mock.calls.map(([name]) => name)).toEqual(['digits', 'digits']);
});

it('says of a name that cannot be one while it is typed, and lets nobody send it', async () => {
  const { tracks } = registryOf();
  const answer = openRegisterDialog(tracks, 'r');
  const name = await find<HTMLInputElement>('input[placeholder="digits"]');
  write(name, HTMLInputElement.prototype, 'team/digits', 'input');
  await vi.waitFor(() => expect(name.getAttribute('aria-invalid')).toBe('true'));
  expect((await find<HTMLButtonElement>('.jp-mod-accept')).disabled).toBe(true);
  write(name, HTMLInputElement.prototype, 'digits', 'input');
  await find('.jp-mod-accept:enabled');
  expect(name.hasAttribute('aria-invalid')).toBe(false);
  (await find('.jp-mod-reject')).click();
  expect(await answer).toBeNull();
});

it('registers also where something else could not be read', async () => {
  const { tracks } = registryOf();
  tracks.registryApi.models = () => Promise.reject(new Error('away'));
  const register = new RegisterModel(tracks, 'r');
  register.set({ name: 'digits' });
  await vi.waitFor(() => expect(register.error).toBe('away'));
  expect(await register.submit()).toEqual({ name: 'digits', version: '3' });
});

it('says of a form that was closed what is registered, where only what came after that failed', async () => {
  const { tracks, place } = registryOf();
  const refusal = new PromiseDelegate<void>();
  place.mockReturnValueOnce(refusal.promise);
  const told = vi.spyOn(Notification, 'error').mockReturnValue('');
  const answer = openRegisterDialog(tracks, 'r');
  const name = await find<HTMLInputElement>('input[placeholder="digits"]');
  write(name, HTMLInputElement.prototype, 'digits', 'input');
  const selects = [...document.querySelectorAll<HTMLSelectElement>('.jp-Dialog select')];
  write(selects.at(-1)!, HTMLSelectElement.prototype, 'Production', 'change');
  (await find('.jp-mod-accept:enabled')).click();
  await vi.waitFor(() => expect(place).toHaveBeenCalled());
  (await find('.jp-mod-reject')).click();
  refusal.reject(new Error('Nobody may do that.'));
  expect(await answer).toEqual({ outcome: { name: 'digits', version: '3' }, isLate: true });
  expect(told.mock.calls.map(([sentence]) => sentence)).toEqual([
    'It is registered as version 3. What came after that failed: Nobody may do that.'
  ]);
});

/** Fill in as a user does: React hears only of what it did not set itself. */
function write(field: HTMLElement, prototype: object, value: string, event: string): void {
  Object.getOwnPropertyDescriptor(prototype, 'value')!.set!.call(field, value);
  field.dispatchEvent(new Event(event, { bubbles: true }));
}
