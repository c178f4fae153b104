import { MainAreaWidget } from '@jupyterlab/apputils';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { IStateDB } from '@jupyterlab/statedb';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import { type ISignal, Signal } from '@lumino/signaling';
import * as React from 'react';

import { ErrorBoundary } from '../../components/ErrorBoundary';
import type { ITracksideModel } from '../../tokens';
import { experimentIcon } from './icon';
import { ExperimentModel } from './model';
import { Table } from './Table';

/** What a document of experiments is made of. */
export interface IExperimentContext {
  tracks: ITracksideModel;
  commands: CommandRegistry;
  rendermime: IRenderMimeRegistry;
  state: IStateDB | null;
  experimentIds: readonly string[];
  filter?: string;
}

/** What stands in the main area. */
export class ExperimentContent extends ReactWidget {
  constructor(private readonly context: IExperimentContext) {
    super();
    this.addClass('jp-TracksideDoc');
    this.addClass('jp-TracksideExperiment');
    this.title.icon = experimentIcon;
    this.title.closable = true;
    this._table = this.make(context.experimentIds, context.filter);
  }

  /** The table that is shown. */
  get table(): ExperimentModel {
    return this._table;
  }

  /** Emitted when other experiments are shown. */
  get chosen(): ISignal<this, void> {
    return this._chosen;
  }

  /** Show other experiments. */
  choose(experimentIds: readonly string[]): void {
    this._table.dispose();
    this._table = this.make(experimentIds);
    this._chosen.emit();
    this.update();
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this._table.dispose();
      super.dispose();
    }
  }

  protected render(): JSX.Element {
    const { tracks, commands, rendermime } = this.context;
    return (
      <ErrorBoundary trans={tracks.trans}>
        <Table
          key={this._table.experimentIds.join(',')}
          table={this._table}
          commands={commands}
          rendermime={rendermime}
          onChoose={ids => this.choose(ids)}
        />
      </ErrorBoundary>
    );
  }

  private make(experimentIds: readonly string[], filter?: string): ExperimentModel {
    const { tracks, state } = this.context;
    const table = new ExperimentModel({ tracks, experimentIds, filter, state });
    const name = (): void => {
      this.title.label = table.title;
      this.title.caption = tracks.trans.__('Experiments: %1', table.title);
    };
    table.changed.connect(name);
    name();
    return table;
  }

  private _table: ExperimentModel;
  private readonly _chosen = new Signal<this, void>(this);
}

/** The document of some experiments, as it is added to the shell. */
export function createExperimentDocument(
  context: IExperimentContext
): MainAreaWidget<ExperimentContent> {
  const content = new ExperimentContent(context);
  const widget = new MainAreaWidget({ content });
  widget.toolbar.hide();
  return widget;
}
