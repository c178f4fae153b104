/** JSON that anybody may have sent; fields may be absent: KFP leaves out what is empty. */
export type Raw = Record<string, unknown>;

/** Whether it is an object with fields. */
export function isRecord(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An object off the wire; an empty one where there is none. */
export function record(value: unknown): Raw {
  return isRecord(value) ? value : {};
}

/** A list off the wire; an empty one where there is none. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A text off the wire. */
export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The address of a page off the wire; nothing where it is none that a link may lead to. */
export function webUrl(value: unknown): string {
  return /^https?:\/\//i.test(text(value)) ? text(value) : '';
}
