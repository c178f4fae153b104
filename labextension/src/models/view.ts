import { type Field, type IOrder, NEWEST, orderClause, toFilter } from './fields';

/** Which runs to show, and how. */
export interface IRunsView {
  /** The experiment, or nothing for all of them. */
  experimentId: string | null;
  /** As typed. */
  filter: string;
  order: IOrder;
  /** The chosen columns; nothing lets the view choose. */
  columns: Field[] | null;
}

/** What is shown when nobody chose anything. */
export const DEFAULT_VIEW: IRunsView = {
  experimentId: null,
  filter: '',
  order: NEWEST,
  columns: null
};

/** The question that a view asks; views that differ in their columns only ask the same. */
export function questionOf(view: IRunsView): string {
  return JSON.stringify([view.experimentId, toFilter(view.filter), ordersOf(view)]);
}

/** The clauses by which the runs are sorted; the newest first among equals. */
export function ordersOf(view: IRunsView): string[] {
  return [...new Set([orderClause(view.order), orderClause(NEWEST)])];
}
