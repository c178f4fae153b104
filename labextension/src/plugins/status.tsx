import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import { type ISignal, Signal } from '@lumino/signaling';
import * as React from 'react';

import { CommandIDs } from '../commands';
import { countJobs } from '../models/joborder';
import { StateIcon } from '../shared/StateIcon';
import { ITracksideModel } from '../tokens';

/** How many jobs run, in the status bar. */
export const statusPlugin: JupyterFrontEndPlugin<void> = {
  id: 'trackside:status',
  description: 'Shows the number of running jobs in the status bar.',
  autoStart: true,
  requires: [ITracksideModel],
  optional: [IStatusBar],
  activate: (app: JupyterFrontEnd, model: ITracksideModel, statusBar: IStatusBar | null): void => {
    if (!statusBar) {
      return;
    }
    const item = new StatusItem(model, app.commands);
    statusBar.registerStatusItem('trackside:status', {
      item,
      align: 'left',
      rank: 50,
      isActive: () => item.isActive,
      activeStateChanged: item.activeChanged
    });
  }
};

/** A button that says how many jobs run and leads to them. */
class StatusItem extends ReactWidget {
  constructor(
    private readonly model: ITracksideModel,
    private readonly commands: CommandRegistry
  ) {
    super();
    this.addClass('jp-TracksideStatus');
    model.changed.connect(this.onChanged, this);
  }

  /** Emitted when there may be more or less to say. */
  get activeChanged(): ISignal<this, void> {
    return this._activeChanged;
  }

  /** Whether there is anything to say. */
  get isActive(): boolean {
    const { running, queued } = countJobs(this.model.jobs.values());
    return running + queued > 0;
  }

  override dispose(): void {
    this.model.changed.disconnect(this.onChanged, this);
    super.dispose();
    Signal.clearData(this);
  }

  protected override render(): React.ReactElement {
    const { trans } = this.model;
    const { running, queued } = countJobs(this.model.jobs.values());
    const text =
      running > 0
        ? trans._n('%1 job', '%1 jobs', running)
        : trans._n('%1 job queued', '%1 jobs queued', queued);
    const title = trans.__('%1 running, %2 queued. Show them', running, queued);
    return (
      <button
        type="button"
        className="jp-StatusItem-button"
        title={title}
        onClick={() => void this.commands.execute(CommandIDs.showPanel)}
      >
        <StateIcon state={running > 0 ? 'RUNNING' : 'QUEUED'} trans={trans} />
        <span>{text}</span>
      </button>
    );
  }

  private onChanged(): void {
    this.update();
    this._activeChanged.emit();
  }

  private readonly _activeChanged = new Signal<this, void>(this);
}
