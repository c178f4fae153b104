import { describe, expect, it } from 'vitest';

import { toRun } from '../../../api/pipelinereading';
import { readTasks } from '../../../pipelines/tasks';
import { compareRuns } from '../rows';

function compared(lr: number, accuracy: number, uri: string, state: 'SUCCEEDED' | 'CACHED') {
  return {
    run: toRun({ run_id: String(lr), runtime_config: { parameters: { lr, layers: [1] } } }),
    tree: readTasks([
      { task_id: 'root', name: '', type: 'ROOT', trackside: { path: '' }, state: 'SUCCEEDED' },
      {
        task_id: 'fit',
        name: 'fit',
        state,
        trackside: { path: 'fit' },
        outputs: {
          parameters: [{ parameter_key: 'Output', value: 3 }],
          artifacts: [
            {
              artifact_key: 'metrics',
              artifacts: [{ type: 'system.Metrics', uri, metadata: { accuracy, note: 'x' } }]
            }
          ]
        }
      }
    ])
  };
}

describe('pipeline runs side by side', () => {
  const rows = compareRuns(
    [compared(0.1, 0.9, 'file:///a', 'SUCCEEDED'), compared(0.2, 0.9, 'file:///b', 'CACHED')],
    state => state.toLowerCase(),
    path => path
  );

  it('show arguments that differ, lists among them by what they hold', () => {
    expect(rows.params).toEqual([
      { key: 'lr', values: [0.1, 0.2], differs: true },
      { key: 'layers', values: ['[1]', '[1]'], differs: false }
    ]);
  });

  it('show the metrics, outputs, artifacts and states of each task', () => {
    expect(rows.metrics).toEqual([
      { key: 'fit · metrics · accuracy', values: [0.9, 0.9], differs: false }
    ]);
    expect(rows.outputs[0].values).toEqual([3, 3]);
    expect(rows.artifacts[0].values).toEqual(['…/a', '…/b']);
    const apart = compareRuns(
      [compared(0.1, 0.9, '/data/a', 'SUCCEEDED'), compared(0.2, 0.9, 's3://data/a', 'CACHED')],
      state => state,
      path => path
    );
    expect(apart.artifacts[0].values).toEqual(['/data/a', 's3://data/a']);
    expect(rows.tasks).toEqual([{ key: 'fit', values: ['succeeded', 'cached'], differs: true }]);
  });
});
