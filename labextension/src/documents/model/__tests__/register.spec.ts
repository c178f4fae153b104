import { expect, it, vi } from 'vitest';

import { english } from '../../../shared/trans';
import type { ITracksideModel } from '../../../tokens';
import { RegisterModel } from '../register/model';

it('goes on, after a part of it failed, with the model that was registered', async () => {
  const place = vi
    .fn<(name: string) => Promise<void>>()
    .mockRejectedValueOnce(new Error('away'))
    .mockResolvedValue(undefined);
  const createVersion = vi.fn(async ({ name }: { name: string }) => ({ name, version: '3' }));
  const registryApi = { model: async () => ({}), createVersion, place };
  const trackingApi = { run: () => new Promise(() => undefined) };
  const tracks = { registryApi, trackingApi, trans: english } as unknown as ITracksideModel;
  const register = new RegisterModel(tracks, 'r');
  register.set({ source: 's', name: 'digits', stage: 'Production' });
  expect(await register.submit()).toBeNull();
  register.set({ name: 'another' });
  expect(await register.submit()).toEqual({ name: 'digits', version: '3' });
  expect(createVersion).toHaveBeenCalledTimes(1);
  expect(place.mock.calls.map(([name]) => name)).toEqual(['digits', 'digits']);
});
