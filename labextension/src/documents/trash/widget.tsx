import type { MainAreaWidget } from '@jupyterlab/apputils';
import { deleteIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import { DocumentContent, type IDocumentTitle, inMainArea } from '../../components/DocumentContent';
import type { ITracksideModel } from '../../tokens';
import { TrashModel } from './model';
import { TrashView } from './TrashView';

/** What stands in the main area. */
export class TrashContent extends DocumentContent<TrashModel> {
  constructor(
    document: TrashModel,
    private readonly commands: CommandRegistry
  ) {
    super(document, { icon: deleteIcon, className: 'jp-TracksideTrash' });
  }

  protected titles({ tracks }: TrashModel): IDocumentTitle {
    const { trans } = tracks;
    return { label: trans.__('Trash'), caption: trans.__('Deleted experiments, runs and models') };
  }

  protected view(): JSX.Element {
    return <TrashView trash={this.document} commands={this.commands} />;
  }
}

/** The document of the trash, as it is added to the shell. */
export function createTrashDocument(
  tracks: ITracksideModel,
  commands: CommandRegistry
): MainAreaWidget<TrashContent> {
  return inMainArea(new TrashContent(new TrashModel(tracks), commands), 'trackside-trash');
}
