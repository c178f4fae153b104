import { MainAreaWidget } from '@jupyterlab/apputils';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import { ErrorBoundary } from '../../components/ErrorBoundary';
import type { IPipelineContext } from './context';
import { pipelineIcon } from './icon';
import { PipelineView } from './PipelineView';

/** What stands in the main area. */
export class PipelineContent extends ReactWidget {
  constructor(readonly context: IPipelineContext) {
    super();
    this.addClass('jp-TracksideDoc');
    this.addClass('jp-TracksidePipeline');
    this.title.icon = pipelineIcon;
    this.title.closable = true;
    context.document.changed.connect(this.onChanged, this);
    this.onChanged();
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.context.document.dispose();
      super.dispose();
    }
  }

  protected render(): JSX.Element {
    return (
      <ErrorBoundary trans={this.context.document.tracks.trans}>
        <PipelineView {...this.context} />
      </ErrorBoundary>
    );
  }

  private onChanged(): void {
    const { name, tracks } = this.context.document;
    this.title.label = name;
    this.title.caption = tracks.trans.__('Pipeline run %1', name);
  }
}

/** The document of a pipeline run, as it is added to the shell. */
export function createPipelineDocument(context: IPipelineContext): MainAreaWidget<PipelineContent> {
  const content = new PipelineContent(context);
  const widget = new MainAreaWidget({ content });
  widget.id = `trackside-pipeline-${context.document.runId}`;
  widget.toolbar.hide();
  return widget;
}
