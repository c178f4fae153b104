import { nullTranslator } from '@jupyterlab/translation';
import { PromiseDelegate } from '@lumino/coreutils';
import { describe, expect, it, vi } from 'vitest';

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

  it('tells what goes on when it is closed, whether that was begun by then or not, and of no end', async () => {
    const begun = new PromiseDelegate<void>();
    const asked = new PromiseDelegate<void>();
    const running = imported({ state: 'RUNNING' });
    const { settings, seen } = serveWith(async ({ method }) => {
      if (method === 'POST') {
        await begun.promise;
        return { status: 201, body: running };
      }
      asked.resolve();
      return { body: running };
    });
    let ended = 0;
    const open = () => {
      const model = new ImportModel(new ImportsApi(settings), trans, () => (ended += 1));
      model.setForm({ source: '/home/me/mlruns' });
      return { model, outcome: model.submit() };
    };
    const early = open();
    early.model.dispose();
    begun.resolve();
    expect(await early.outcome).toEqual(running);
    expect(seen.filter(({ method }) => method === 'GET')).toEqual([]);
    const late = open();
    await asked.promise;
    late.model.dispose();
    expect(await late.outcome).toEqual(running);
    expect([late.model.error, ended]).toEqual(['', 0]);
  });

  it('says why an import cannot be stopped until it has ended, and not that it failed', async () => {
    const end = new PromiseDelegate<void>();
    const { settings } = serveWith(async ({ path, method }) => {
      if (path.endsWith('cancel') || method === 'DELETE') {
        return { status: 403, body: { code: 'PERMISSION_DENIED', message: 'Not yours.' } };
      }
      if (method === 'GET') {
        await end.promise;
        return { body: imported() };
      }
      return { status: 201, body: imported({ state: 'RUNNING' }) };
    });
    const model = new ImportModel(new ImportsApi(settings), trans, () => undefined);
    model.setForm({ source: '/home/me/mlruns' });
    const outcome = model.submit();
    await vi.waitFor(() => expect(model.found).not.toBeNull());
    await model.cancel();
    expect([model.error, model.stopError]).toEqual(['', 'Not yours.']);
    end.resolve();
    expect(await outcome).toBeNull();
    expect([model.error, model.stopError]).toEqual(['', '']);
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
