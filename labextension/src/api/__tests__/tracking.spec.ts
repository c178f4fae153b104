import { describe, expect, it } from 'vitest';

import { serveWith } from '../../__tests__/server';
import { toRun, TrackingApi } from '../tracking';

describe('the MLflow routes', () => {
  it('read a run that leaves out what is empty', () => {
    const run = toRun({ info: { run_id: '0123456789abcdef' } });
    expect(run.info.run_name).toBe('01234567');
    expect(run.info.end_time).toBeNull();
    expect(run.metrics.size + run.params.size + run.tags.size).toBe(0);
  });

  it('read integers and NaN that come as strings', () => {
    const metric = { key: 'loss', value: 'NaN', timestamp: '1700000000000', step: '7' };
    const run = toRun({ info: { run_id: 'r' }, data: { metrics: [metric as never] } });
    expect(run.metrics.get('loss')).toEqual({
      key: 'loss',
      value: NaN,
      timestamp: 1700000000000,
      step: 7
    });
  });

  it('escape the names of artifacts, one folder at a time', () => {
    const api = new TrackingApi(serveWith(() => ({})).settings);
    expect(
      api.artifactUrl({ artifact_uri: 'mlflow-artifacts:/1/r/artifacts' }, 'a b/c#d.png')
    ).toBe(
      'http://localhost/a%40b/trackside/api/2.0/mlflow-artifacts/artifacts/1/r/artifacts/a%20b/c%23d.png'
    );
  });

  it('collect all pages of experiments', async () => {
    const { settings } = serveWith(({ body }) => {
      const token = (body as { page_token?: string }).page_token;
      return {
        body: token
          ? { experiments: [{ experiment_id: '2' }] }
          : { experiments: [{ experiment_id: '1' }], next_page_token: 'next' }
      };
    });
    const found = await new TrackingApi(settings).experiments();
    expect(found.map(experiment => experiment.experiment_id)).toEqual(['1', '2']);
  });
});
