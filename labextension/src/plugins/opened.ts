import type { ILabShell, ILayoutRestorer, JupyterFrontEnd } from '@jupyterlab/application';
import { type MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { Widget } from '@lumino/widgets';

import { tellFailure } from '../components/notices';
import { Underway } from './underway';

/** How documents of a kind are told apart and opened again. */
export interface IDocumentKind<T> {
  namespace: string;
  /** The command that opens one. */
  command: string;
  trans: TranslationBundle;
  /** What a document shows: of those that show the same there is one. */
  keyOf: (content: T) => string;
  /** The arguments that open it again after a reload. */
  argsOf?: (content: T) => ReadonlyPartialJSONObject;
  /** By what it is restored, where that is not its key. */
  nameOf?: (content: T) => string;
}

/** The documents of a kind in the main area: each is opened once, shown again, and restored after a reload. */
export class OpenDocuments<T extends Widget> {
  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly labShell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    private readonly kind: IDocumentKind<T>
  ) {
    const { namespace, command, keyOf, argsOf, nameOf = keyOf } = kind;
    this.tracker = new WidgetTracker({ namespace });
    void restorer?.restore(this.tracker, {
      command,
      args: ({ content }) => argsOf?.(content) ?? {},
      name: ({ content }) => nameOf(content)
    });
  }

  /** The document that shows this, if one is open. */
  find(key: string): MainAreaWidget<T> | undefined {
    return this.tracker.find(({ content }) => this.kind.keyOf(content) === key);
  }

  /** Show the document; one that is not open yet is made, one that is takes `again`. */
  async open(
    key: string,
    make: () => Promise<MainAreaWidget<T>>,
    again?: (content: T) => void
  ): Promise<MainAreaWidget<T>> {
    const known = this.find(key);
    const widget =
      known ?? (await this.underway.get(key, async () => this.add(await this.made(make))));
    if (known) {
      again?.(known.content);
    }
    this.app.shell.activateById(widget.id);
    return widget;
  }

  /** Remember how the document is now, for after a reload. */
  save(widget: MainAreaWidget<T>): void {
    void this.tracker.save(widget);
  }

  private async made(make: () => Promise<MainAreaWidget<T>>): Promise<MainAreaWidget<T>> {
    try {
      return await make();
    } catch (error) {
      tellFailure(error, this.kind.trans);
      throw error;
    }
  }

  private async add(widget: MainAreaWidget<T>): Promise<MainAreaWidget<T>> {
    await this.tracker.add(widget);
    // In Notebook 7 the main area belongs to the notebook; below it, a document has to ask for room.
    widget.content.toggleClass('jp-TracksideDoc-below', !this.labShell);
    this.app.shell.add(widget, this.labShell ? 'main' : 'down');
    return widget;
  }

  private readonly tracker: WidgetTracker<MainAreaWidget<T>>;
  private readonly underway = new Underway<MainAreaWidget<T>>();
}
