import { describe, expect, it } from 'vitest';

import { makeRun } from '../../../__tests__/builders';
import { environmentFacts, gitFacts, sourceName } from '../provenance';

function withTags(tags: Record<string, string>) {
  return { ...makeRun('r1'), tags: new Map(Object.entries(tags)) };
}

describe('where a run came from', () => {
  it('is read from its tags', () => {
    const run = withTags({
      'mlflow.source.git.commit': 'abc',
      'mlflow.source.git.branch': 'main',
      'trackside.git.changed': '2',
      'trackside.git.changed_files': '["a.py", {"path": "b.py"}, 3]'
    });
    expect(gitFacts(run)).toEqual({
      commit: 'abc',
      branch: 'main',
      remote: null,
      changed: 2,
      files: ['a.py', 'b.py']
    });
  });

  it('is nothing rather than a guess', () => {
    expect(gitFacts(withTags({}))).toBeNull();
    expect(sourceName(withTags({}))).toBeNull();
    expect(
      gitFacts(withTags({ 'mlflow.source.git.commit': 'abc', 'trackside.git.changed_files': '{' }))!
        .files
    ).toEqual([]);
  });

  it('names the cell, or what MLflow named', () => {
    const tags = { 'trackside.notebook': '/home/a/x.ipynb', 'trackside.execution_count': '7' };
    expect(sourceName(withTags(tags))).toBe('cell [7] of x.ipynb');
    expect(sourceName(withTags({ 'mlflow.source.name': 'train.py' }))).toBe('train.py');
  });
});

describe('the environment of a run', () => {
  it('lists packages by name', () => {
    const facts = environmentFacts('{"python": "3.11.7", "packages": {"zlib": "1", "Apple": "2"}}');
    expect(facts.python).toBe('3.11.7');
    expect(facts.packages.map(([name]) => name)).toEqual(['Apple', 'zlib']);
  });

  it('survives whatever stands in the file', () => {
    for (const text of ['', 'null', '[]', '{"packages": 3, "python": {}}']) {
      expect(environmentFacts(text)).toMatchObject({ python: null, packages: [] });
    }
  });
});
