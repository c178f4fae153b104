import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { CommandRegistry } from '@lumino/commands';

import type { ChartPrefs } from '../../charts/prefs';
import type { RunModel } from './model';

/** What the views of a run document need. */
export interface IRunContext {
  run: RunModel;
  commands: CommandRegistry;
  /** Sanitises Markdown and colours code. */
  rendermime: IRenderMimeRegistry;
  prefs: ChartPrefs;
  /** How the charts of the machine are drawn. */
  systemPrefs: ChartPrefs;
}
