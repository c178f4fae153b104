import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import type { CommandRegistry } from '@lumino/commands';
import { Panel } from '@lumino/widgets';

import type { ITracksideModel } from '../tokens';
import type { OutputView } from './view';

/** What an output needs. */
export interface IOutputOptions {
  model: ITracksideModel;
  commands: CommandRegistry;
  rendermime: IRenderMimeRegistry;
  sanitizer: IRenderMime.ISanitizer;
}

/** An output in a notebook. The code that draws it is loaded with the first one. */
export class TracksideOutput extends Panel implements IRenderMime.IRenderer {
  constructor(private readonly options: IOutputOptions) {
    super();
    this.addClass('jp-TracksideOutput');
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const { OutputView } = await import('./view');
    if (this.isDisposed) {
      return;
    }
    if (!this.view) {
      this.view = new OutputView(this.options);
      this.addWidget(this.view);
    }
    await this.view.showModel(model);
  }

  private view: OutputView | null = null;
}
