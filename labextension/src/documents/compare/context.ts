import type { CommandRegistry } from '@lumino/commands';

import type { IComparison } from '../../api/compare';
import type { ISeriesLook } from '../../shared/chart/series';
import type { CompareModel } from './model';

/** What the parts of a comparison need. */
export interface ICompareContext {
  compare: CompareModel;
  comparison: IComparison;
  commands: CommandRegistry;
  /** How the runs look wherever they are drawn. */
  looks: ReadonlyMap<string, ISeriesLook>;
}
