import { describe, expect, it } from 'vitest';

import { makeRun } from '../../../__tests__/builders';
import type { IArtifact } from '../../../api/types';
import { nameFilter } from '../../../api/registry';
import { modelFilter } from '../../../models/registry';
import { bestOf, guessGoal, metricKeys } from '../metrics';
import { findSources } from '../register/sources';

describe('The metrics of versions', () => {
  const runs = [
    makeRun('a', { loss: 0.4, rare: 1 }),
    makeRun('b', { loss: 0.2, accuracy: 0.9 }),
    makeRun('c', { loss: NaN, accuracy: 0.8 })
  ];

  it('are columns, what most have first', () => {
    expect(metricKeys(runs)).toEqual(['loss', 'accuracy', 'rare']);
  });

  it('have a best where there is a choice', () => {
    expect(bestOf(runs, 'loss', 'min')).toBe(0.2);
    expect(bestOf(runs, 'accuracy', 'max')).toBe(0.9);
    expect(bestOf(runs, 'rare', 'max')).toBe(null);
    expect([guessGoal('val_loss'), guessGoal('f1')]).toEqual(['min', 'max']);
  });
});

describe('What of a run can be registered', () => {
  const folders: Record<string, IArtifact[]> = {
    '': [dir('model'), dir('plots'), file('MLmodel.txt')],
    model: [file('model/MLmodel'), dir('model/data')],
    plots: [dir('plots/deep')],
    'plots/deep': [file('plots/deep/MLmodel')]
  };
  const tracking = { artifacts: async (_: string, path = '') => folders[path] ?? [] };

  it('is what MLflow 3 logged, and folders that hold a model', async () => {
    const registry = {
      loggedModels: async () => [
        { model_id: 'm-1', name: 'net', source_run_id: 'r', artifact_uri: 'x' }
      ]
    };
    const found = await findSources(makeRun('r'), tracking, registry);
    expect(found.map(({ label, source }) => [label, source])).toEqual([
      ['net', 'models:/m-1'],
      ['model', 'mlflow-artifacts:/1/r/artifacts/model'],
      ['plots/deep', 'mlflow-artifacts:/1/r/artifacts/plots/deep']
    ]);
  });

  it('is found on servers that know no logged models', async () => {
    const registry = { loggedModels: () => Promise.reject(new Error('no such route')) };
    expect(await findSources(makeRun('r'), tracking, registry)).toHaveLength(2);
  });
});

describe('Filters of models', () => {
  it('take a plain text as a part of the name, and MLflow’s grammar as it is', () => {
    expect(modelFilter('digits')).toBe("name ILIKE '%digits%'");
    expect(modelFilter("it's = 3")).toBe("name ILIKE '%it_s = 3%'");
    expect(modelFilter('tags.team = "a"')).toBe('tags.team = "a"');
    expect(modelFilter(" name LIKE 'a%' ")).toBe("name LIKE 'a%'");
    expect(modelFilter('named entities')).toBe("name ILIKE '%named entities%'");
    expect(modelFilter('')).toBe('');
  });

  it('name a model whatever quotes it has', () => {
    expect(nameFilter('a b')).toBe("name = 'a b'");
    expect(nameFilter("it's")).toBe('name = "it\'s"');
    expect(nameFilter(`it's "x"`)).toBe(`name LIKE 'it_s "x"'`);
  });
});

function dir(path: string): IArtifact {
  return { path, is_dir: true, file_size: null };
}

function file(path: string): IArtifact {
  return { path, is_dir: false, file_size: 1 };
}
