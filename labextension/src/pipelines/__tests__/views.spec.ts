import { expect, test } from 'vitest';

import { areaUnder, readConfusion, readRoc } from '../classification';
import { barOf, barRows, spanOf, ticksOf } from '../gantt';
import { readTasks } from '../tasks';
import { toYaml } from '../yaml';
import { at, makeTask, ms } from './builders';

test('the timeline has the tasks in the order of their start, what is in a graph below it', () => {
  const tree = readTasks([
    makeTask(''),
    makeTask('b', { start_time: at(4), end_time: at(6) }),
    makeTask('a', { type: 'DAG', start_time: at(1), end_time: at(3) }),
    makeTask('a/in', { start_time: at(2), end_time: at(3) }),
    makeTask('later', { state: 'PENDING', create_time: at(0) })
  ]);
  const rows = barRows(tree, new Set());
  expect(rows.map(({ task, depth }) => [task.path, depth])).toEqual([
    ['a', 0],
    ['a/in', 1],
    ['b', 0],
    ['later', 0]
  ]);
  expect(barRows(tree, new Set(['a'])).map(({ task }) => task.path)).toEqual(['a', 'b', 'later']);
  const span = spanOf(tree, ms(100))!;
  expect(span).toEqual({ from: ms(1), to: ms(6) });
  expect(barOf(tree.byPath.get('b')!, span, ms(100))).toEqual([0.6, 1]);
  expect(barOf(tree.byPath.get('later')!, span, ms(100))).toBeNull();
});

test('what goes on reaches to now, and many iterations are folded', () => {
  const tree = readTasks([
    makeTask('loop', { type: 'LOOP', state: 'RUNNING', start_time: at(0) }),
    ...Array.from({ length: 40 }, (_, index) =>
      makeTask(`loop[${index}]`, {
        type: 'LOOP_ITERATION',
        type_attributes: { iteration_index: index }
      })
    )
  ]);
  expect(barRows(tree, new Set())).toMatchObject([{ isParent: true, isOpen: false }]);
  expect(barRows(tree, new Set(['loop'])).map(({ task }) => task.index)).toEqual([
    null,
    ...Array.from({ length: 40 }, (_, index) => index)
  ]);
  expect(spanOf(tree, ms(90))).toEqual({ from: ms(0), to: ms(90) });
  expect(ticksOf({ from: 0, to: 90_000 })).toEqual([0, 15, 30, 45, 60, 75, 90]);
});

test('a ROC curve and a confusion matrix are read as the SDK writes them, whatever else stands there', () => {
  const metadata = {
    confidenceMetrics: {
      list: [
        { confidenceThreshold: 0.2, falsePositiveRate: 0.5, recall: 1 },
        { confidenceThreshold: 0.9, falsePositiveRate: 0, recall: 0.5 },
        { falsePositiveRate: 'what' }
      ]
    },
    confusionMatrix: {
      struct: {
        annotationSpecs: [{ displayName: 'cat' }, { displayName: 'dog' }],
        rows: [{ row: [3, 1] }, { row: [0, 4] }]
      }
    }
  };
  const roc = readRoc(metadata);
  expect(roc.map(point => point.threshold)).toEqual([0.9, 0.2]);
  expect(areaUnder(roc)).toBeCloseTo(0.875);
  expect(readConfusion(metadata)).toEqual({
    names: ['cat', 'dog'],
    rows: [
      [3, 1],
      [0, 4]
    ]
  });
  expect(readRoc({ confidenceMetrics: 7 })).toEqual([]);
  expect(readConfusion({ confusionMatrix: null })).toBeNull();
});

test('a pipeline leaves as the SDK writes it, its platforms in a second document', () => {
  expect(toYaml({ pipeline: { root: { dag: {} } } })).toBe('root:\n  dag: {}\n');
  expect(toYaml({ pipeline: { root: 1 }, platforms: { platforms: 2 } })).toBe(
    'root: 1\n---\nplatforms: 2\n'
  );
});
