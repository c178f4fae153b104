import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { CommandRegistry } from '@lumino/commands';

import type { ExperimentModel } from './model';

/** What the parts of the table need. */
export interface ITableContext {
  table: ExperimentModel;
  commands: CommandRegistry;
  /** Draws notes; without it they are shown as they are written. */
  rendermime?: IRenderMimeRegistry | null;
  /** Whether it is an output of a cell: less around the rows, and a bounded height. */
  isCompact?: boolean;
  /** Show other experiments in the place of these. */
  onChoose: (experimentIds: readonly string[]) => void;
}
