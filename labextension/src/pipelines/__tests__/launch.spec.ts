import { expect, test } from 'vitest';

import { serveWith } from '../../__tests__/server';
import { PipelinesApi } from '../../api/pipelines';
import { english } from '../../shared/trans';
import type { ITracksideModel } from '../../tokens';
import { RunFormModel } from '../launch/model';
import { DIGITS } from './builders';

const VERSION = {
  pipeline_id: 'p1',
  version_id: 'v1',
  name: 'first',
  description: '',
  created_at: 0,
  source: '',
  spec: { pipeline: DIGITS }
};

test.each([true, false])(
  'a run of a version refers to it, whether or not the cache is used (%s)',
  async useCache => {
    const { settings, seen } = serveWith(() => ({ body: { run_id: 'r1' } }));
    const tracks = {
      trans: english,
      pipelinesApi: new PipelinesApi(settings),
      trackingApi: { experiments: () => Promise.resolve([]) }
    } as unknown as ITracksideModel;
    const model = new RunFormModel({
      tracks,
      title: 'digits',
      spec: VERSION.spec,
      versions: [VERSION],
      values: { gate: '/tmp/gate' },
      form: { experiment: '', useCache }
    });
    expect(await model.submit()).toMatchObject({ run_id: 'r1' });
    model.dispose();
    const { pipeline_version_reference, pipeline_spec, trackside } = seen[0].body as Record<
      string,
      unknown
    >;
    expect(pipeline_version_reference).toEqual({ pipeline_id: 'p1', pipeline_version_id: 'v1' });
    expect(pipeline_spec).toBeUndefined();
    expect(trackside).toEqual(useCache ? undefined : { cached: false });
  }
);
