import { MainAreaWidget } from '@jupyterlab/apputils';
import { listIcon, ReactWidget } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import { ErrorBoundary } from '../../components/ErrorBoundary';
import type { RunsDocumentModel } from './model';
import { PipelineRunsView } from './PipelineRunsView';

/** What stands in the main area. */
export class PipelineRunsContent extends ReactWidget {
  constructor(
    readonly document: RunsDocumentModel,
    private readonly commands: CommandRegistry
  ) {
    super();
    const { trans } = document.tracks;
    this.addClass('jp-TracksideDoc');
    this.addClass('jp-TracksidePipelineRuns');
    this.title.icon = listIcon;
    const { host } = document.tracks.kfp.status;
    const isThere = document.place === 'kfp';
    this.title.label = isThere ? trans.__('Runs on KFP') : trans.__('Pipeline runs');
    this.title.caption = isThere
      ? trans.__('All pipeline runs on %1', host)
      : trans.__('All pipeline runs');
    this.title.closable = true;
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.document.dispose();
      super.dispose();
    }
  }

  protected render(): JSX.Element {
    return (
      <ErrorBoundary trans={this.document.tracks.trans}>
        <PipelineRunsView document={this.document} commands={this.commands} />
      </ErrorBoundary>
    );
  }
}

/** The list of pipeline runs, as it is added to the shell. */
export function createPipelineRunsDocument(
  document: RunsDocumentModel,
  commands: CommandRegistry
): MainAreaWidget<PipelineRunsContent> {
  const content = new PipelineRunsContent(document, commands);
  const widget = new MainAreaWidget({ content });
  widget.id = `trackside-pipeline-runs-${document.place}`;
  widget.toolbar.hide();
  return widget;
}
