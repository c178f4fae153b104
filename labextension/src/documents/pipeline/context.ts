import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { CommandRegistry } from '@lumino/commands';

import type { PipelineRunModel } from './model';

/** What the views of a pipeline run need. */
export interface IPipelineContext {
  document: PipelineRunModel;
  commands: CommandRegistry;
  /** Sanitises Markdown and colours code. */
  rendermime: IRenderMimeRegistry;
  /** Whether it is the output of a cell, in which only the graph is shown. */
  compact?: boolean;
}
