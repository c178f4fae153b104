import { parseNumber } from '../shared/format';

/** A point of a ROC curve. */
export interface IRocPoint {
  falsePositives: number;
  truePositives: number;
  threshold: number;
}

/** How often what was something was taken for something else. */
export interface IConfusion {
  names: readonly string[];
  /** A row for each true class. */
  rows: readonly (readonly number[])[];
}

/** Most classes of which a matrix is drawn. */
const MOST_CLASSES = 60;

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** The SDK wraps what is no scalar. */
function unwrapped(value: unknown): unknown {
  const raw = record(value);
  return 'struct' in raw ? raw.struct : 'list' in raw ? raw.list : value;
}

function numeric(value: unknown): number {
  return typeof value === 'number' || typeof value === 'string' ? parseNumber(value) : NaN;
}

/** The ROC curve that the metadata of an artifact holds. */
export function readRoc(metadata: Record<string, unknown>): IRocPoint[] {
  const points = unwrapped(metadata.confidenceMetrics);
  return list(points)
    .map(record)
    .map(point => ({
      falsePositives: numeric(point.falsePositiveRate ?? 0),
      truePositives: numeric(point.recall ?? 0),
      threshold: numeric(point.confidenceThreshold ?? 0)
    }))
    .filter(point => Number.isFinite(point.falsePositives) && Number.isFinite(point.truePositives))
    .sort(
      (one, other) =>
        one.falsePositives - other.falsePositives || one.truePositives - other.truePositives
    );
}

/** The area under a ROC curve, from corner to corner. */
export function areaUnder(points: readonly IRocPoint[]): number {
  const start = { falsePositives: 0, truePositives: 0, threshold: Infinity };
  const end = { falsePositives: 1, truePositives: 1, threshold: -Infinity };
  const all = [start, ...points, end];
  return all.slice(1).reduce((sum, point, at) => {
    const before = all[at];
    const width = point.falsePositives - before.falsePositives;
    return sum + (width * (point.truePositives + before.truePositives)) / 2;
  }, 0);
}

/** The confusion matrix that the metadata of an artifact holds. */
export function readConfusion(metadata: Record<string, unknown>): IConfusion | null {
  const raw = record(unwrapped(metadata.confusionMatrix));
  const names = list(raw.annotationSpecs).map(spec => String(record(spec).displayName ?? ''));
  const rows = list(raw.rows).map(row => list(record(row).row ?? row).map(numeric));
  return names.length && rows.length
    ? {
        names: names.slice(0, MOST_CLASSES),
        rows: rows.slice(0, MOST_CLASSES).map(row => row.slice(0, MOST_CLASSES))
      }
    : null;
}
