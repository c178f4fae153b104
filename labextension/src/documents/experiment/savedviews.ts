import { type ISignal, Signal } from '@lumino/signaling';

import type { ISavedView, TableApi } from '../../api/table';
import type { ITableView } from './view';

/** The mark of the view that a table opens with. */
const DEFAULT = 'isDefault';

/** The views of a table that somebody saved. */
export class SavedViews {
  constructor(
    private readonly api: TableApi,
    private readonly experimentIds: readonly string[]
  ) {}

  /** Emitted when there are others. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** All of them, by name. */
  get list(): readonly ISavedView[] {
    return this._list;
  }

  /** The one that a table opens with. */
  get default(): ISavedView | undefined {
    return this._list.find(isDefault);
  }

  /** Fetch them; without them, the table works as well. */
  async refresh(): Promise<void> {
    try {
      const found = await this.api.views(this.experimentIds);
      this._list = [...found].sort((a, b) => a.name.localeCompare(b.name));
      this._changed.emit();
    } catch {
      // They are asked for again when the menu is opened.
    }
  }

  /** Save what is shown under a name. */
  async create(name: string, view: ITableView): Promise<void> {
    await this.api.createView({
      name,
      experiment_ids: [...this.experimentIds],
      definition: { ...view }
    });
    await this.refresh();
  }

  /** Save what is shown in the place of another view; what comes back takes it back. */
  async overwrite(saved: ISavedView, view: ITableView): Promise<() => Promise<void>> {
    const put = async (definition: Record<string, unknown>): Promise<void> => {
      await this.api.updateView(saved.id, { definition });
      await this.refresh();
    };
    await put({ ...view, ...(isDefault(saved) && { [DEFAULT]: true }) });
    return () => put(saved.definition);
  }

  async rename(saved: ISavedView, name: string): Promise<void> {
    await this.api.updateView(saved.id, { name });
    await this.refresh();
  }

  /** Delete a view; what comes back takes it back. */
  async remove(saved: ISavedView): Promise<() => Promise<void>> {
    await this.api.removeView(saved.id);
    await this.refresh();
    return async () => {
      const { name, experiment_ids, definition } = saved;
      await this.api.createView({ name, experiment_ids, definition });
      await this.refresh();
    };
  }

  /** Have the table open with a view, or with none. */
  async setDefault(saved: ISavedView | null): Promise<void> {
    for (const view of this._list) {
      const isWanted = view.id === saved?.id;
      if (isDefault(view) !== isWanted) {
        const definition = { ...view.definition, [DEFAULT]: isWanted };
        await this.api.updateView(view.id, { definition });
      }
    }
    await this.refresh();
  }

  private _list: readonly ISavedView[] = [];
  private readonly _changed = new Signal<this, void>(this);
}

/** Whether a table opens with that view. */
export function isDefault(saved: ISavedView): boolean {
  return saved.definition[DEFAULT] === true;
}
