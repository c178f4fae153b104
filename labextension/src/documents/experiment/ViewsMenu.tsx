import * as React from 'react';

import { explain } from '../../api/request';
import type { ISavedView } from '../../api/table';
import { useSignal } from '../../components/hooks';
import { offerUndo } from '../../components/notices';
import { PopoverItem } from '../../components/Popover';
import { Action } from '../../shared/Action';
import type { ITableContext } from './context';
import { overwrite } from './overwrite';
import { isDefault } from './savedviews';
import { DEFAULT_VIEW } from './view';

/** The saved views: choose one, save what is shown, rename, overwrite, delete. */
export function ViewsMenu(props: ITableContext & { onClose: () => void }): JSX.Element {
  const { table, onClose } = props;
  const { views } = table;
  const { trans } = table.tracks;
  useSignal(views.changed);
  const [name, setName] = React.useState('');
  const [problem, setProblem] = React.useState('');
  React.useEffect(() => void views.refresh(), [views]);
  const attempt = async (task: () => Promise<void>): Promise<void> => {
    setProblem('');
    try {
      await task();
    } catch (error) {
      setProblem(explain(error, trans));
    }
  };
  const save = (): Promise<void> =>
    attempt(async () => {
      const known = views.list.find(view => view.name === name.trim());
      await (known ? overwrite(table, known) : views.create(name.trim(), table.view));
      setName('');
    });
  return (
    <div className="jp-TracksideTableMenu jp-mod-views">
      <PopoverItem
        label={trans.__('As it comes: newest first, columns chosen for you')}
        onClick={() => {
          table.leaveSaved();
          table.setView(DEFAULT_VIEW);
          onClose();
        }}
      />
      {views.list.map(view => (
        <View key={view.id} {...props} view={view} attempt={attempt} />
      ))}
      {!views.list.length && <p>{trans.__('No views are saved yet.')}</p>}
      <hr />
      <form
        className="jp-TracksideTableMenu-top"
        onSubmit={event => {
          event.preventDefault();
          if (name.trim()) {
            void save();
          }
        }}
      >
        <input
          className="jp-TracksideInput"
          placeholder={trans.__('Save what is shown as…')}
          aria-label={trans.__('Name of the view')}
          value={name}
          onChange={event => setName(event.target.value)}
        />
        <button type="submit" className="jp-TracksideAction" disabled={!name.trim()}>
          {trans.__('Save')}
        </button>
      </form>
      {problem && (
        <p className="jp-TracksideTableFilter-error" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}

function View(
  props: ITableContext & {
    view: ISavedView;
    attempt: (task: () => Promise<void>) => Promise<void>;
    onClose: () => void;
  }
): JSX.Element {
  const { table, view, attempt, onClose } = props;
  const { views } = table;
  const { trans } = table.tracks;
  const [name, setName] = React.useState<string | null>(null);
  const remove = (): Promise<void> =>
    attempt(async () => {
      const undo = await views.remove(view);
      offerUndo(trans, trans.__('View %1 is deleted.', view.name), undo);
    });
  if (name !== null) {
    return (
      <form
        className="jp-TracksideTableMenu-top"
        onSubmit={event => {
          event.preventDefault();
          setName(null);
          if (name.trim() && name !== view.name) {
            void attempt(() => views.rename(view, name.trim()));
          }
        }}
      >
        <input
          ref={box => box?.focus()}
          className="jp-TracksideInput"
          aria-label={trans.__('New name of %1', view.name)}
          value={name}
          onChange={event => setName(event.target.value)}
        />
        <button type="submit" className="jp-TracksideAction">
          {trans.__('Rename')}
        </button>
      </form>
    );
  }
  return (
    <div className="jp-TracksideTableMenu-line">
      <button
        type="button"
        className="jp-TracksidePopover-item"
        title={view.name}
        onClick={() => {
          table.showSaved(view);
          onClose();
        }}
      >
        <span>{view.name}</span>
      </button>
      <Action
        label={trans.__('Opens first')}
        title={trans.__('Open the table with %1', view.name)}
        pressed={isDefault(view)}
        onClick={() => attempt(() => views.setDefault(isDefault(view) ? null : view))}
      />
      <Action
        label={trans.__('Overwrite')}
        title={trans.__('Save what is shown as %1', view.name)}
        onClick={() => attempt(() => overwrite(table, view))}
      />
      <Action
        label={trans.__('Rename')}
        title={trans.__('Rename %1', view.name)}
        onClick={() => setName(view.name)}
      />
      <Action
        label={trans.__('Delete')}
        title={trans.__('Delete %1', view.name)}
        onClick={remove}
      />
    </div>
  );
}
