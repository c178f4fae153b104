import * as React from 'react';

import type { IChartRun } from '../../charts/hooks';
import type { ITableRow } from '../../api/table';
import { useSignal } from '../../components/hooks';
import { byInterest, splitField } from '../../models/fields';
import type { ITableContext } from './context';

const RunCharts = React.lazy(() =>
  import('../../charts/RunCharts').then(module => ({ default: module.RunCharts }))
);

/** How many runs are drawn when nobody selected any, and at most. */
const AT_FIRST = 8;
const MOST = 20;

/** How many metrics are drawn. */
const METRICS = 4;

/** The curves of the selected runs, and without a selection those of the first runs. */
export function ChartStrip(props: ITableContext): JSX.Element {
  const { table } = props;
  const { trans } = table.tracks;
  useSignal(table.selection.changed);
  useSignal(table.rows.changed);
  const runs = useRuns(props);
  const shown = table.columns
    .map(({ field }) => splitField(field))
    .filter(({ kind }) => kind === 'metrics' || kind === 'curves')
    .map(({ key }) => key);
  const keys = shown.length ? [...new Set(shown)] : byInterest(table.keys?.metrics ?? []);
  const names = keys.slice(0, METRICS).join('\n');
  const metrics = React.useMemo(() => names.split('\n').filter(Boolean), [names]);
  return (
    <section className="jp-TracksideTable-charts" aria-label={trans.__('Charts')} tabIndex={0}>
      {runs.length && metrics.length ? (
        <React.Suspense fallback={null}>
          <RunCharts model={table.tracks} runs={runs} metrics={metrics} prefs={table.charts} />
        </React.Suspense>
      ) : (
        <p>{trans.__('Curves of the runs that you select are drawn here.')}</p>
      )}
    </section>
  );
}

function useRuns({ table }: ITableContext): readonly IChartRun[] {
  const { rows, selection } = table;
  const before = React.useRef<readonly ITableRow[]>([]);
  const ids = selection.isEverything ? [] : [...selection.ids].slice(0, MOST);
  const known = new Map(before.current.map(row => [row.run_id, row]));
  const first = Array.from({ length: AT_FIRST }, (_, line) => rows.entry(line)).flatMap(entry =>
    entry?.kind === 'run' ? [entry.row] : []
  );
  const chosen = ids.flatMap(id => rows.row(id) ?? known.get(id) ?? []);
  // Rows that were let go of while the table was scrolled are still those that are drawn.
  const drawn = ids.length ? chosen : first.length ? first : before.current;
  before.current = drawn;
  const mark = JSON.stringify(drawn.map(row => [row.run_id, row.run_name, row.end_time === null]));
  return React.useMemo(
    () =>
      drawn.map(row => ({
        runId: row.run_id,
        label: row.run_name,
        start: row.start_time,
        isLive: row.end_time === null
      })),
    [mark]
  );
}
