import { MainAreaWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { type LabIcon, ReactWidget } from '@jupyterlab/ui-components';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import * as React from 'react';

import { TransContext } from '../shared/trans-context';
import { ErrorBoundary } from './ErrorBoundary';

/** What a document shows, and tells when it changed. */
export interface IDocumentModel extends IDisposable {
  readonly tracks: { readonly trans: TranslationBundle };
  readonly changed: ISignal<unknown, void>;
}

/** How the tab of a document is called. */
export interface IDocumentTitle {
  label: string;
  caption: string;
}

/** A document in the main area: it owns its model, and its tab is called as that says. */
export abstract class DocumentContent<M extends IDocumentModel> extends ReactWidget {
  constructor(
    readonly document: M,
    options: { icon: LabIcon; className?: string }
  ) {
    super();
    this.addClass('jp-TracksideDoc');
    if (options.className) {
      this.addClass(options.className);
    }
    this.title.icon = options.icon;
    this.title.closable = true;
    document.changed.connect(this.rename, this);
    this.rename();
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.document.dispose();
      super.dispose();
    }
  }

  /** How the tab is called now; asked before a subclass has set anything of its own. */
  protected abstract titles(document: M): IDocumentTitle;

  /** What is drawn. */
  protected abstract view(): JSX.Element;

  protected render(): JSX.Element {
    const { trans } = this.document.tracks;
    return (
      <ErrorBoundary trans={trans}>
        <TransContext.Provider value={trans}>{this.view()}</TransContext.Provider>
      </ErrorBoundary>
    );
  }

  private rename(): void {
    Object.assign(this.title, this.titles(this.document));
  }
}

/** A document as it is added to the shell. */
export function inMainArea<T extends ReactWidget>(content: T, id?: string): MainAreaWidget<T> {
  const widget = new MainAreaWidget({ content });
  if (id) {
    widget.id = id;
  }
  widget.toolbar.hide();
  return widget;
}
