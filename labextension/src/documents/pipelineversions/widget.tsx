import { MainAreaWidget } from '@jupyterlab/apputils';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import { ErrorBoundary } from '../../components/ErrorBoundary';
import { TransContext } from '../../shared/trans-context';
import { pipelineIcon } from '../pipeline/icon';
import type { PipelineDocumentModel } from './model';
import { PipelineDocumentView } from './PipelineDocumentView';

/** What stands in the main area. */
export class PipelineDocumentContent extends ReactWidget {
  constructor(
    readonly document: PipelineDocumentModel,
    private readonly commands: CommandRegistry
  ) {
    super();
    this.addClass('jp-TracksideDoc');
    this.title.icon = pipelineIcon;
    this.title.closable = true;
    document.changed.connect(this.onChanged, this);
    this.onChanged();
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.document.dispose();
      super.dispose();
    }
  }

  protected render(): JSX.Element {
    const { trans } = this.document.tracks;
    return (
      <ErrorBoundary trans={trans}>
        <TransContext.Provider value={trans}>
          <PipelineDocumentView document={this.document} commands={this.commands} />
        </TransContext.Provider>
      </ErrorBoundary>
    );
  }

  private onChanged(): void {
    const { name, tracks } = this.document;
    this.title.label = name;
    this.title.caption = tracks.trans.__('Pipeline %1', name);
  }
}

/** The document of a pipeline, as it is added to the shell. */
export function createPipelineDocument(
  document: PipelineDocumentModel,
  commands: CommandRegistry
): MainAreaWidget<PipelineDocumentContent> {
  const content = new PipelineDocumentContent(document, commands);
  const widget = new MainAreaWidget({ content });
  widget.id = `trackside-pipeline-versions-${document.pipelineId}`;
  widget.toolbar.hide();
  return widget;
}
