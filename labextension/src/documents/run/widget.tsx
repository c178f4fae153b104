import { MainAreaWidget } from '@jupyterlab/apputils';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import { ErrorBoundary } from '../../components/ErrorBoundary';
import type { IRunContext } from './context';
import { runIcon } from './icon';
import { RunView } from './RunView';

/** What stands in the main area. */
export class RunContent extends ReactWidget {
  constructor(readonly context: IRunContext) {
    super();
    this.addClass('jp-TracksideDoc');
    this.addClass('jp-TracksideRun');
    this.title.icon = runIcon;
    this.title.closable = true;
    context.run.changed.connect(this.onChanged, this);
    this.onChanged();
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.context.run.dispose();
      super.dispose();
    }
  }

  protected render(): JSX.Element {
    return (
      <ErrorBoundary trans={this.context.run.tracks.trans}>
        <RunView {...this.context} />
      </ErrorBoundary>
    );
  }

  private onChanged(): void {
    const { run } = this.context;
    this.title.label = run.name;
    this.title.caption = run.tracks.trans.__('Run %1', run.name);
  }
}

/** The document of a run, as it is added to the shell. */
export function createRunDocument(context: IRunContext): MainAreaWidget<RunContent> {
  const content = new RunContent(context);
  const widget = new MainAreaWidget({ content });
  widget.id = `trackside-run-${context.run.runId}`;
  widget.toolbar.hide();
  return widget;
}
