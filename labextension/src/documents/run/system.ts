import { number, size } from '../../shared/format';
import type { ITrans } from '../../shared/trans';

/** Where MLflow puts what the machine measured. */
const PREFIX = 'system/';

/** The parts of a machine, in the order in which they are shown. */
const PARTS = ['cpu', 'memory', 'gpu', 'disk', 'network', 'other'] as const;

/** A part of a machine. */
export type Part = (typeof PARTS)[number];

/** One measured thing: what it is called, and how its values are written. */
export interface IMeasure {
  key: string;
  part: Part;
  title: string;
  format: (value: number) => string;
}

const percent = (value: number): string => `${number(Number(value.toPrecision(3)))} %`;
const megabytes = (value: number): string => (value < 0 ? number(value) : size(value * 1e6));
const bytes = (value: number): string => (value < 0 ? number(value) : size(value));
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

/** What the machine measured, by its parts. */
export function measuresOf(keys: readonly string[], trans: ITrans): Map<Part, IMeasure[]> {
  const byPart = new Map<Part, IMeasure[]>(PARTS.map(part => [part, []]));
  for (const key of keys.filter(isSystem)) {
    const measure = measureOf(key, trans);
    byPart.get(measure.part)!.push(measure);
  }
  for (const [part, found] of byPart) {
    found.sort((one, two) => one.title.localeCompare(two.title, undefined, { numeric: true }));
    if (found.length === 0) {
      byPart.delete(part);
    }
  }
  return byPart;
}

function measureOf(key: string, trans: ITrans): IMeasure {
  const name = key.slice(PREFIX.length);
  const [ending, format] = UNITS.find(([pattern]) => pattern.test(name)) ?? [/$^/, number];
  const bare = name.replace(ending, '');
  const gpu = /^gpu_(\d+)_?(.*)$/.exec(bare);
  const part = partOf(bare);
  const word = (gpu ? gpu[2] : bare.replace(/^system_/, '')).replace(/[_/]+/g, ' ').trim();
  const title = gpu ? trans.__('GPU %1 %2', gpu[1], word) : capital(word);
  return { key, part, title: isPercent(ending) ? trans.__('%1 (%)', title) : title, format };
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

/** The heading of a part. */
export function partTitle(part: Part, trans: ITrans): string {
  switch (part) {
    case 'cpu':
      return trans.__('CPU');
    case 'memory':
      return trans.__('Memory');
    case 'gpu':
      return trans.__('GPU');
    case 'disk':
      return trans.__('Disk');
    case 'network':
      return trans.__('Network');
    case 'other':
      return trans.__('Other');
  }
}
