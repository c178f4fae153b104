import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { CommandRegistry } from '@lumino/commands';

import type { RunModel } from './model';
import type { ChartPrefs } from './prefs';

/** What the views of a run document need. */
export interface IRunContext {
  run: RunModel;
  commands: CommandRegistry;
  /** Sanitises Markdown and colours code. */
  rendermime: IRenderMimeRegistry;
  prefs: ChartPrefs;
}
