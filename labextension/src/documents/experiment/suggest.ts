import type { IRunKeys, TableApi } from '../../api/table';
import { type Field, splitField } from '../../models/fields';
import { type ISpot, quotedText, written } from './grammar';

/** How many suggestions are offered. */
const OFFERED = 12;

/** The attributes that a filter knows. */
const ATTRIBUTES = ['run_name', 'status', 'start_time', 'end_time', 'user_id', 'run_id'];

const STATES = ['FINISHED', 'RUNNING', 'FAILED', 'KILLED', 'SCHEDULED'];

const NUMBERS = ['<', '<=', '>', '>=', '=', '!='];
const TEXTS = ['=', '!=', 'LIKE', 'ILIKE'];

/** Offers what may come next in a filter. */
export class Suggestions {
  constructor(
    private readonly api: TableApi,
    private readonly experimentIds: readonly string[],
    private readonly keys: () => IRunKeys | null
  ) {}

  /** What may stand there, best first. */
  async at(spot: ISpot, signal: AbortSignal): Promise<string[]> {
    switch (spot.expected) {
      case 'key':
        return this.names(spot.typed, signal);
      case 'operator':
        return matching(operatorsOf(spot.field ?? ''), spot.typed);
      case 'value':
        return spot.field ? this.values(spot.field, spot.typed, signal) : [];
      case 'join':
        return spot.typed ? matching(['AND', 'OR'], spot.typed) : ['AND'];
    }
  }

  private async names(typed: string, signal: AbortSignal): Promise<string[]> {
    const known = this.keys();
    const found = namesIn(known, typed);
    if (!known?.truncated || found.length >= OFFERED) {
      return found;
    }
    const prefix = typed.replace(/^\w+\./, '').replace(/`/g, '');
    return namesIn(await this.api.keys(this.experimentIds, prefix, OFFERED, signal), typed);
  }

  private async values(field: Field, typed: string, signal: AbortSignal): Promise<string[]> {
    const prefix = typed.replace(/^['"]|['"]$/g, '');
    if (field === 'attributes.status') {
      return matching(STATES, prefix).map(quotedText);
    }
    if (isNumeric(field)) {
      return [];
    }
    const { values } = await this.api.values(this.experimentIds, field, prefix, OFFERED, signal);
    return values.map(({ value }) => quotedText(value));
  }
}

/** The operators that compare a field. */
export function operatorsOf(field: Field): string[] {
  return isNumeric(field) ? NUMBERS : TEXTS;
}

/** The names among some keys that go with what was typed; those that begin so come first. */
export function namesIn(keys: IRunKeys | null, typed: string): string[] {
  const fields = [
    ...(keys?.metrics ?? []).map(key => `metrics.${key}`),
    ...(keys?.params ?? []).map(key => `params.${key}`),
    ...ATTRIBUTES.map(key => `attributes.${key}`),
    ...(keys?.tags ?? []).map(key => `tags.${key}`)
  ];
  const plain = typed.toLowerCase().replace(/[`"]/g, '');
  const rank = (field: Field): number => {
    const whole = field.toLowerCase();
    const { key } = splitField(whole);
    return whole.startsWith(plain) || key.startsWith(plain) ? 0 : whole.includes(plain) ? 1 : 2;
  };
  return fields
    .map(field => ({ field, at: rank(field) }))
    .filter(({ at }) => at < 2)
    .sort((a, b) => a.at - b.at)
    .slice(0, OFFERED)
    .map(({ field }) => written(field));
}

function isNumeric(field: Field): boolean {
  return field.startsWith('metrics.') || field.endsWith('_time');
}

function matching(words: readonly string[], typed: string): string[] {
  return words.filter(word => word.toLowerCase().startsWith(typed.toLowerCase()));
}
