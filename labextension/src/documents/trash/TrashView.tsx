import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import type { ITrashed } from '../../api/trash';
import { CommandIDs, DATA_RUN } from '../../commands';
import { isMeantForEver } from '../../components/forever';
import { EmptyState } from '../../components/EmptyState';
import { useRefresh, useSignal, useSlowNow } from '../../components/hooks';
import { Skeleton } from '../../components/Skeleton';
import { VirtualList } from '../../components/VirtualList';
import { Action } from '../../shared/Action';
import { count } from '../../shared/format';
import { keyOf, type TrashModel } from './model';
import { describe, type ITrashActions, TrashRow } from './TrashRow';

/** How often an outside server is asked, which tells nobody what changed. */
const LOOK_EVERY = 30_000;

/** What is in the trash, and what can be done about it. */
export function TrashView(props: { trash: TrashModel; commands: CommandRegistry }): JSX.Element {
  const { trash, commands } = props;
  const { tracks, items, isOutside } = trash;
  const { trans } = tracks;
  useSignal(trash.changed);
  const now = useSlowNow();
  const element = useRefresh<HTMLDivElement>(isOutside ? LOOK_EVERY : null, () => trash.refresh());

  const actions: ITrashActions = {
    restore: chosen => trash.restore(chosen.filter(({ kind }) => kind !== 'model')),
    purge: async chosen => {
      const free = chosen.filter(({ kept }) => !kept);
      const title =
        free.length === 1
          ? trans.__('Delete %1 for ever?', free[0].name)
          : trans._n('Delete %1 thing for ever?', 'Delete %1 things for ever?', free.length);
      const body = trans.__(
        'Everything in it is deleted: metrics, files and jobs. There is no way back.'
      );
      if (free.length && (await isMeantForEver(trans, title, body))) {
        await trash.purge(free);
      }
    }
  };
  const open = (item: ITrashed): void => {
    if (item.kind === 'run') {
      void commands.execute(CommandIDs.openRun, { run_id: item.id, name: item.name });
    } else {
      trash.toggle(item);
    }
  };
  // The list moves between rows; the space bar selects the one it is on.
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const row = event.target as HTMLElement;
    if (event.key !== ' ' || row.getAttribute('role') !== 'row') {
      return;
    }
    const item = items?.[Number(row.dataset.index)];
    if (item) {
      trash.toggle(item);
      event.preventDefault();
    }
  };

  return (
    <div className="jp-TracksideTrash-body" ref={element} onKeyDown={onKeyDown}>
      <div className="jp-TracksideDoc-header">
        <div className="jp-TracksideDoc-title">
          <h1>{trans.__('Trash')}</h1>
          <span role="status">{words(trash)}</span>
        </div>
        {isOutside && (
          <p className="jp-TracksideTrash-why">
            {trans.__(
              'An MLflow server deletes nothing for ever from outside; whoever runs it does that with “mlflow gc”.'
            )}
          </p>
        )}
        {trash.problem && (
          <p className="jp-TracksideNotice jp-mod-alert" role="alert">
            {trash.problem}
          </p>
        )}
      </div>
      {items === null ? (
        !trash.problem && <Skeleton rows={4} />
      ) : items.length === 0 ? (
        <EmptyState
          sentence={trans.__(
            'The trash is empty. Runs and experiments that you delete come here first, and can be taken back.'
          )}
          trans={trans}
        />
      ) : (
        <>
          <Toolbar trash={trash} commands={commands} {...actions} />
          <VirtualList
            label={trans.__('In the trash')}
            items={items}
            keyOf={keyOf}
            describe={item => describe(trash, item, now)}
            renderRow={item => <TrashRow trash={trash} item={item} now={now} {...actions} />}
            attributes={item => ({ [DATA_RUN]: item.kind === 'run' ? item.id : undefined })}
            onOpen={open}
            onDelete={isOutside ? undefined : item => void actions.purge(chosenWith(trash, item))}
            onEnd={trash.hasMore ? () => void trash.more() : undefined}
          />
        </>
      )}
    </div>
  );
}

function Toolbar(
  props: { trash: TrashModel; commands: CommandRegistry } & ITrashActions
): JSX.Element {
  const { trash, commands, restore, purge } = props;
  const { trans } = trash.tracks;
  const { selected } = trash;
  const isAll = selected.length === trash.items?.length;
  const none = trans.__('Select something first');
  const left = selected.some(({ kind }) => kind !== 'model');
  const free = selected.some(({ kept }) => !kept);
  return (
    <div className="jp-TracksideTrash-bar" role="group" aria-label={trans.__('Actions')}>
      <Action
        label={isAll ? trans.__('Select none') : trans.__('Select all')}
        onClick={() => trash.selectAll(!isAll)}
      />
      <Action
        label={trans.__('Take back')}
        title={selected.length ? trans.__('Take the selected ones back') : none}
        disabled={!left}
        strong={left}
        onClick={() => restore(selected)}
      />
      {!trash.isOutside && (
        <>
          <Action
            label={trans.__('Delete for ever…')}
            title={selected.length ? trans.__('There is no way back') : none}
            disabled={!free}
            onClick={() => purge(selected)}
          />
          <Action
            label={trans.__('Empty trash…')}
            title={trans.__('Delete for ever what is in the trash')}
            onClick={() => commands.execute(CommandIDs.emptyTrash)}
          />
        </>
      )}
    </div>
  );
}

/** What Delete on a row means: all that is selected, if the row is. */
function chosenWith(trash: TrashModel, item: ITrashed): readonly ITrashed[] {
  return trash.isSelected(item) ? trash.selected : [item];
}

function words(trash: TrashModel): string {
  const { items, total, selected } = trash;
  const { trans } = trash.tracks;
  if (!items?.length) {
    return '';
  }
  if (selected.length) {
    return trans._n('%1 selected', '%1 selected', selected.length, count(selected.length));
  }
  return total === null
    ? trans.__('%1 things or more', count(items.length))
    : trans._n('%1 thing', '%1 things', total, count(total));
}
