import { type ICurve, type XAxis, xOf } from '../shared/chart/curve';
import { isInfinite } from '../shared/format';
import { quoted } from '../shared/python';

/** The columns of the data of a chart. */
const COLUMNS = ['run_id', 'run', 'metric', 'step', 'timestamp', 'value'];

/** What is shown as CSV, one row for each point; a name that a spreadsheet would calculate is disarmed. */
export function chartCsv(
  metric: string,
  curves: readonly ICurve[],
  axis: XAxis,
  zoom: readonly [number, number] | null
): string {
  const rows = curves.flatMap(curve =>
    curve.points
      .filter(point => {
        const x = xOf(point, axis, curve.start);
        return !zoom || (x >= zoom[0] && x <= zoom[1]);
      })
      .map(({ step, timestamp, value }) =>
        [
          field(curve.id),
          field(curve.label),
          field(metric),
          step,
          new Date(timestamp).toISOString(),
          valueText(value)
        ].join(',')
      )
  );
  return [COLUMNS.join(','), ...rows, ''].join('\n');
}

function field(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replace(/"/g, '""')}"` : plain;
}

function valueText(value: number): string {
  return isInfinite(value) ? (value > 0 ? 'inf' : '-inf') : String(value);
}

/** The Python that fetches every point of the curves. */
export function chartSnippet(metric: string, runIds: readonly string[]): string {
  return [
    'import mlflow',
    'import pandas as pd',
    '',
    'client = mlflow.MlflowClient()',
    `runs = [${runIds.map(quoted).join(', ')}]`,
    'points = pd.DataFrame(',
    '    [',
    '        {"run_id": run, "step": m.step, "timestamp": m.timestamp, "value": m.value}',
    '        for run in runs',
    `        for m in client.get_metric_history(run, ${quoted(metric)})`,
    '    ]',
    ')'
  ].join('\n');
}
