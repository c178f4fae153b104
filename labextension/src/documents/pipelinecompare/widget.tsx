import { MainAreaWidget } from '@jupyterlab/apputils';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import { ErrorBoundary } from '../../components/ErrorBoundary';
import { compareIcon } from '../compare/icon';
import type { PipelineCompareModel } from './model';
import { PipelineCompareView } from './PipelineCompareView';

/** What stands in the main area. */
export class PipelineCompareContent extends ReactWidget {
  constructor(
    readonly document: PipelineCompareModel,
    private readonly commands: CommandRegistry
  ) {
    super();
    const { trans } = document.tracks;
    const count = document.runIds.length;
    this.addClass('jp-TracksideDoc');
    this.title.icon = compareIcon;
    this.title.label = trans._n('%1 pipeline run compared', '%1 pipeline runs compared', count);
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
        <PipelineCompareView document={this.document} commands={this.commands} />
      </ErrorBoundary>
    );
  }
}

/** The document of a comparison of pipeline runs, as it is added to the shell. */
export function createPipelineCompareDocument(
  document: PipelineCompareModel,
  commands: CommandRegistry
): MainAreaWidget<PipelineCompareContent> {
  const content = new PipelineCompareContent(document, commands);
  const widget = new MainAreaWidget({ content });
  widget.id = `trackside-pipeline-compare-${document.runIds.join('-')}`;
  widget.toolbar.hide();
  return widget;
}
