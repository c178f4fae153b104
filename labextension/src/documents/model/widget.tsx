import { MainAreaWidget } from '@jupyterlab/apputils';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import { ErrorBoundary } from '../../components/ErrorBoundary';
import type { IModelContext } from './context';
import { modelIcon } from './icon';
import { ModelView } from './ModelView';

/** What stands in the main area. */
export class ModelContent extends ReactWidget {
  constructor(readonly context: IModelContext) {
    super();
    this.addClass('jp-TracksideDoc');
    this.addClass('jp-TracksideModel');
    this.title.icon = modelIcon;
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
        <ModelView {...this.context} />
      </ErrorBoundary>
    );
  }

  private onChanged(): void {
    const { name, tracks } = this.context.document;
    this.title.label = name;
    this.title.caption = tracks.trans.__('Model %1', name);
  }
}

/** The document of a model, as it is added to the shell. */
export function createModelDocument(context: IModelContext): MainAreaWidget<ModelContent> {
  const content = new ModelContent(context);
  const widget = new MainAreaWidget({ content });
  widget.toolbar.hide();
  return widget;
}
