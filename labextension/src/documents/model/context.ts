import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { CommandRegistry } from '@lumino/commands';

import type { ModelDocument } from './model';

/** What the views of a model need. */
export interface IModelContext {
  document: ModelDocument;
  commands: CommandRegistry;
  /** Sanitises Markdown; without it, descriptions are shown as they were written. */
  rendermime: IRenderMimeRegistry | null;
  /** Whether only the most important is shown, as in the output of a cell. */
  compact?: boolean;
}
