import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import { SidePanel } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';

import { tracksideIcon } from './icons';

/**
 * The panel at the side, as far as it is there from the start: its tab and its toolbar. What it
 * shows is loaded when it is first shown.
 */
export class TracksidePanel extends SidePanel {
  constructor(options: {
    translator: ITranslator;
    trans: TranslationBundle;
    /** Called once, when the panel is first shown. */
    fill: (panel: TracksidePanel) => void;
  }) {
    super({ translator: options.translator });
    this.fill = options.fill;
    this.id = 'trackside-panel';
    this.addClass('jp-TracksideSide');
    this.title.icon = tracksideIcon;
    this.title.caption = options.trans.__('Trackside');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', options.trans.__('Trackside'));
  }

  protected override onBeforeShow(msg: Message): void {
    super.onBeforeShow(msg);
    this.fillOnce();
  }

  protected override onAfterAttach(msg: Message): void {
    super.onAfterAttach(msg);
    if (this.isVisible) {
      this.fillOnce();
    }
  }

  private fillOnce(): void {
    const { fill } = this;
    this.fill = null;
    fill?.(this);
  }

  private fill: ((panel: TracksidePanel) => void) | null;
}
