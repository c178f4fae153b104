import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';

import { serveWith } from '../../__tests__/server';
import { type IImport, ImportsApi } from '../../api/transfers';
import { doorOf, ImportModel, toRequest } from '../model';
import { amountText, outcomeText, share, stateText } from '../words';

const trans = nullTranslator.load('trackside');

function imported(fields: Partial<IImport> = {}): IImport {
  return {
    id: 'imp-1',
    source: '/home/me/mlruns',
    artifacts: 'copy',
    dry_run: false,
    state: 'SUCCEEDED',
    message: null,
    progress: {
      doing: '',
      counts: { runs: { new: 3, changed: 0, same: 1, skipped: 0 } },
      totals: { runs: 8 },
      points: 1,
      files: 2,
      bytes: 2048,
      problems: 0
    },
    ...fields
  };
}

describe('The import dialog', () => {
  it('asks for a name or a password only where the source wants one', () => {
    expect(doorOf('/home/me/mlruns')).toBe('none');
    expect(doorOf('sqlite:////home/me/mlflow.db')).toBe('none');
    expect(doorOf('postgresql://me@db/mlflow')).toBe('password');
    expect(doorOf('postgresql+psycopg2://me@db/mlflow')).toBe('password');
    expect(doorOf(' HTTPS://mlflow.example.org')).toBe('account');
  });

  it('sends no secret to a source that does not ask for it', () => {
    const form = {
      source: ' /home/me/mlruns ',
      artifacts: 'reference' as const,
      artifactRoot: '',
      prefix: 'old/',
      dryRun: true,
      token: 't',
      username: 'u',
      password: 'p'
    };
    expect(toRequest(form)).toEqual({
      source: '/home/me/mlruns',
      artifacts: 'reference',
      prefix: 'old/',
      dry_run: true
    });
    expect(toRequest({ ...form, source: 'https://mlflow' })).toMatchObject({
      token: 't',
      username: 'u',
      password: 'p'
    });
  });

  it('follows an import to its end and says so to the panel', async () => {
    const answers = [imported({ state: 'RUNNING' }), imported()];
    const { settings, seen } = serveWith(request =>
      request.method === 'POST'
        ? { status: 201, body: imported({ state: 'QUEUED' }) }
        : { body: answers.shift() }
    );
    let ended = 0;
    const model = new ImportModel(new ImportsApi(settings), trans, () => (ended += 1));
    model.setForm({ source: '/home/me/mlruns' });
    await model.submit();
    expect(seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST api/v1/imports',
      'GET api/v1/imports/imp-1',
      'GET api/v1/imports/imp-1'
    ]);
    expect(model.found?.state).toBe('SUCCEEDED');
    expect(model.isBusy).toBe(false);
    expect(ended).toBe(1);
    model.dispose();
  });

  it('says what is missing, and what the server refuses', async () => {
    const { settings, seen } = serveWith(() => ({
      status: 400,
      body: { code: 'INVALID_PARAMETER_VALUE', message: 'That is no path.', hint: 'Begin with /.' }
    }));
    const model = new ImportModel(new ImportsApi(settings), trans, () => undefined);
    await model.submit();
    expect(model.error).toContain('Name a folder');
    expect(seen).toEqual([]);
    model.setForm({ source: 'mlruns' });
    await model.submit();
    expect(model.error).toBe('That is no path. Begin with /.');
    expect(model.isBusy).toBe(false);
    model.dispose();
  });

  it('joins what is under way already', async () => {
    const { settings } = serveWith(request =>
      request.path.endsWith('imports')
        ? { body: { imports: [imported({ state: 'RUNNING' })] } }
        : { body: imported() }
    );
    const model = new ImportModel(new ImportsApi(settings), trans, () => undefined);
    await model.join();
    expect(model.found?.id).toBe('imp-1');
    model.dispose();
  });

  it('tells in words what came', () => {
    const found = imported();
    expect(outcomeText(found.progress.counts['runs']!, false, trans)).toBe(
      '3 new, 1 there already'
    );
    expect(outcomeText(found.progress.counts['runs']!, true, trans)).toBe(
      '3 would be new, 1 there already'
    );
    expect(amountText(found, trans)).toContain('2 files');
    expect(share(found)).toBe(0.5);
    expect(stateText(imported({ state: 'FAILED', message: 'No.' }), trans)).toBe('No.');
  });
});
