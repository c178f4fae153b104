import { MainAreaWidget } from '@jupyterlab/apputils';
import { deleteIcon, ReactWidget } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import { ErrorBoundary } from '../../components/ErrorBoundary';
import type { ITracksideModel } from '../../tokens';
import { TrashModel } from './model';
import { TrashView } from './TrashView';

/** What stands in the main area. */
export class TrashContent extends ReactWidget {
  constructor(
    private readonly tracks: ITracksideModel,
    private readonly commands: CommandRegistry
  ) {
    super();
    this.addClass('jp-TracksideDoc');
    this.addClass('jp-TracksideTrash');
    this.title.icon = deleteIcon;
    this.title.label = tracks.trans.__('Trash');
    this.title.caption = tracks.trans.__('Deleted experiments, runs and models');
    this.title.closable = true;
    this.trash = new TrashModel(tracks);
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.trash.dispose();
      super.dispose();
    }
  }

  protected render(): JSX.Element {
    return (
      <ErrorBoundary trans={this.tracks.trans}>
        <TrashView trash={this.trash} commands={this.commands} />
      </ErrorBoundary>
    );
  }

  private readonly trash: TrashModel;
}

/** The document of the trash, as it is added to the shell. */
export function createTrashDocument(
  tracks: ITracksideModel,
  commands: CommandRegistry
): MainAreaWidget<TrashContent> {
  const content = new TrashContent(tracks, commands);
  const widget = new MainAreaWidget({ content });
  widget.id = 'trackside-trash';
  widget.toolbar.hide();
  return widget;
}
