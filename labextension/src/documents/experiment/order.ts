import { type Field, type IOrder, NEWEST, orderClause, splitField } from '../../models/fields';

/** The attributes that a server sorts by. */
const SORTED = new Set(['start_time', 'end_time', 'duration', 'run_name', 'status', 'user_id']);

/** Whether a table can be sorted by a column; an outside server does not know how long runs took. */
export function isSortable(field: Field, isOutside = false): boolean {
  const { kind, key } = splitField(field);
  if (isOutside && key === 'duration') {
    return false;
  }
  return kind === 'attributes' ? SORTED.has(key) : kind !== 'curves';
}

/** The order after a click on a heading: first its own direction, then the other, then none. */
export function withClick(
  order: readonly IOrder[],
  field: Field,
  isAdded: boolean
): readonly IOrder[] {
  const known = (isAdded ? order : shownOrder(order)).find(item => item.field === field);
  const first = firstDirection(field);
  const next: IOrder[] =
    known === undefined
      ? [{ field, descending: first }]
      : known.descending === first
        ? [{ field, descending: !first }]
        : [];
  if (!isAdded) {
    return next;
  }
  return known
    ? order.flatMap(item => (item.field === field ? next : [item]))
    : [...order, ...next];
}

/** The clauses for the server; the newest first among equals. */
export function clausesOf(order: readonly IOrder[], isOutside = false): string[] {
  const clauses = order.filter(({ field }) => isSortable(field, isOutside)).map(orderClause);
  return order.some(({ field }) => field === NEWEST.field)
    ? clauses
    : [...clauses, orderClause(NEWEST)];
}

/** The order as the headings show it: without a choice, the newest come first. */
export function shownOrder(order: readonly IOrder[]): readonly IOrder[] {
  return order.length ? order : [NEWEST];
}

/** Whether new runs come at the top. */
export function isNewestFirst(order: readonly IOrder[]): boolean {
  return order.length === 0 || (order[0].field === NEWEST.field && order[0].descending);
}

function firstDirection(field: Field): boolean {
  return field.endsWith('_time') || field.endsWith('.duration');
}
