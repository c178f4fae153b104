import { type ISignal, Signal } from '@lumino/signaling';

import type { IModelPage, IRegisteredModel } from '../api/registrytypes';
import type { IModelChange, ITracksideModel } from '../tokens';
import { SearchModel } from './search';

const PAGE = 100;

/** The registered models of the panel: what is looked for, what was found, and how that stays true. */
export class RegistryModel extends SearchModel<IModelPage> {
  constructor(model: ITracksideModel, filter = '') {
    super(model);
    this._filter = filter;
  }

  /** The models that were found so far. */
  get models(): readonly IRegisteredModel[] {
    return this._models;
  }

  get filter(): string {
    return this._filter;
  }
  set filter(filter: string) {
    if (filter !== this._filter) {
      this._filter = filter;
      this._filterChanged.emit(filter);
      this.ask();
      this._changed.emit();
    }
  }

  /** Emitted when the user looks for something else. */
  get filterChanged(): ISignal<this, string> {
    return this._filterChanged;
  }

  protected page(token: string | null): Promise<IModelPage> {
    // As many as were in view before, so that nothing moves under the pointer.
    const size = token === null ? Math.max(PAGE, Math.min(1000, this._models.length)) : PAGE;
    return this.model.registryApi.models(modelFilter(this._filter), token, size);
  }

  protected begin(page: IModelPage): string | null {
    this._models = page.models;
    return page.nextPageToken;
  }

  protected append(page: IModelPage): void {
    const known = new Set(this._models.map(({ name }) => name));
    this._models = [...this._models, ...page.models.filter(({ name }) => !known.has(name))];
  }

  protected onChanged(_: ITracksideModel, change: IModelChange): void {
    if (change.reset || change.models.length || change.deleted.some(one => one.kind === 'model')) {
      void this.search.run();
    }
  }

  private _filter: string;
  private _models: readonly IRegisteredModel[] = [];
  private readonly _filterChanged = new Signal<this, string>(this);
}

/** The filter that is meant: MLflow's grammar as it is, a plain text as a part of the name. */
export function modelFilter(text: string): string {
  const plain = text.trim();
  if (!plain || /^(name|tags?\s*\.)\s*\S*\s*(=|!=|I?LIKE\b)/i.test(plain)) {
    return plain;
  }
  // A pattern cannot name quotes of its own kind; any one character stands for them.
  return `name ILIKE '%${plain.replace(/'/g, '_')}%'`;
}
