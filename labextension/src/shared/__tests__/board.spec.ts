import { describe, expect, it } from 'vitest';

import { neighbour, newestVersion, placeOf, standings } from '../board';
import { loadSnippet, modelUri } from '../modelsnippet';

describe('Where a version stands', () => {
  it('is said by its aliases first, and by MLflow’s stage where these say nothing', () => {
    expect(placeOf(['production', 'champion'], 'Archived')).toBe('Production');
    expect(placeOf(['staging', 'production'], 'None')).toBe('Production');
    expect(placeOf(['staging'], 'Production')).toBe('Staging');
    expect(placeOf(['champion'], 'Archived')).toBe('Archived');
    expect(placeOf([], 'Weird' as 'None')).toBe('None');
  });

  it('has a column beside it, up to the edge', () => {
    expect(neighbour('None', 1)).toBe('Staging');
    expect(neighbour('None', -1)).toBe('None');
    expect(neighbour('Archived', 1)).toBe('Archived');
  });

  it('is told in one line: production, staging, then the other names', () => {
    const aliases = [
      { alias: 'champion', version: '3' },
      { alias: 'staging', version: '5' }
    ];
    const latest_versions = [
      { version: '4', current_stage: 'Production' as const },
      { version: '5', current_stage: 'None' as const }
    ];
    const words = standings({ aliases, latest_versions }).map(one => `v${one.version} ${one.word}`);
    expect(words).toEqual(['v4 production', 'v5 staging', 'v3 @champion']);
  });

  it('knows the newest version by its number and not by its letters', () => {
    expect(newestVersion([{ version: '9' }, { version: '10' }])).toBe('10');
    expect(newestVersion([])).toBe(null);
  });
});

describe('The code that loads a model', () => {
  it('takes the name that moves where there is one', () => {
    expect(modelUri('digits', '4', ['champion', 'production'])).toBe('models:/digits@production');
    expect(modelUri('digits', '4', [])).toBe('models:/digits/4');
    expect(modelUri('digits', null, [])).toBe('models:/digits/latest');
  });

  it('quotes what it names, and takes only flavors that have code of their own', () => {
    expect(loadSnippet('models:/"); import os #\u2028😀/1')).toBe(
      'import mlflow\n\nmodel = mlflow.pyfunc.load_model("models:/\\"); import os #\\u2028\\U0001f600/1")'
    );
    expect(loadSnippet('models:/a/1', 'sklearn')).toContain(
      'mlflow.sklearn.load_model("models:/a/1")'
    );
    expect(loadSnippet('models:/a/1', 'os; x')).toContain('mlflow.pyfunc.load_model');
  });
});
