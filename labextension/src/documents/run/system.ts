import { number } from '../../shared/format';
import type { ITrans } from '../../shared/trans';

/** Where MLflow puts what the machine measured. */
const PREFIX = 'system/';

/** The parts of a machine, in the order in which they are shown. */
const PARTS = ['cpu', 'memory', 'gpu', 'disk', 'network', 'other'] as const;

/** A part of a machine. */
export type Part = (typeof PARTS)[number];

/** One measured thing: what it is called, and how its values are written. */
export interface IMeasure {
  part: Part;
  title: string;
  format: (value: number) => string;
}

/** With more digits than a size elsewhere, so that the labels of an axis differ. */
const SIZES = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

const percent = (value: number): string => `${number(Number(value.toPrecision(3)))} %`;
const bytes = (value: number): string => {
  const unit = Math.min(
    SIZES.length - 1,
    Math.max(0, Math.floor(Math.log10(Math.max(1, Math.abs(value))) / 3))
  );
  return `${number(Number((value / 1000 ** unit).toPrecision(4)))} ${SIZES[unit]}`;
};
const megabytes = (value: number): string => bytes(value * 1e6);
const watts = (value: number): string => `${number(value)} W`;

/** How values are written, by what their name ends in. */
const UNITS: readonly (readonly [RegExp, (value: number) => string])[] = [
  [/_?(percentage|percent)$/, percent],
  [/_?megabytes$/, megabytes],
  [/_?bytes$/, bytes],
  [/_?watts$/, watts]
];

/** Whether a metric was measured by the machine rather than logged by the code. */
export function isSystem(key: string): boolean {
  return key.startsWith(PREFIX);
}

/** What the machine measured, by the names of the metrics, in the order of its parts. */
export function measuresOf(keys: readonly string[], trans: ITrans): Map<string, IMeasure> {
  const found = keys
    .filter(isSystem)
    .map((key): [string, IMeasure] => [key, measureOf(key, trans)]);
  return new Map(
    found.sort(
      ([, one], [, two]) =>
        PARTS.indexOf(one.part) - PARTS.indexOf(two.part) ||
        one.title.localeCompare(two.title, undefined, { numeric: true })
    )
  );
}

function measureOf(key: string, trans: ITrans): IMeasure {
  const name = key.slice(PREFIX.length);
  const [ending, format] = UNITS.find(([pattern]) => pattern.test(name)) ?? [/$^/, number];
  const bare = name.replace(ending, '');
  const gpu = /^gpu_(\d+)_?(.*)$/.exec(bare);
  const part = partOf(bare);
  const word = (gpu ? gpu[2] : bare.replace(/^system_/, '')).replace(/[_/]+/g, ' ').trim();
  const title = gpu ? trans.__('GPU %1 %2', gpu[1], word) : capital(word);
  return { part, title: isPercent(ending) ? trans.__('%1 (%)', title) : title, format };
}

function isPercent(ending: RegExp): boolean {
  return ending === UNITS[0][0];
}

function partOf(name: string): Part {
  if (/^gpu/.test(name)) {
    return 'gpu';
  }
  if (/^cpu/.test(name)) {
    return 'cpu';
  }
  if (/memory/.test(name)) {
    return 'memory';
  }
  if (/^disk/.test(name)) {
    return 'disk';
  }
  return /^net/.test(name) ? 'network' : 'other';
}

function capital(text: string): string {
  return text.replace(/^cpu\b/, 'CPU').replace(/^./, first => first.toUpperCase());
}
