import { deleteIcon, undoIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { ITrashed } from '../../api/trash';
import { IconButton } from '../../components/IconButton';
import { ago, moment } from '../../shared/format';
import type { ITracksideModel } from '../../tokens';
import type { TrashModel } from './model';

/** What can be done with things in the trash. */
export interface ITrashActions {
  restore: (items: readonly ITrashed[]) => Promise<void>;
  purge: (items: readonly ITrashed[]) => Promise<void>;
}

/** One thing in the trash: the cells of its row. */
export function TrashRow(
  props: { trash: TrashModel; item: ITrashed; now: number } & ITrashActions
): JSX.Element {
  const { trash, item, now, restore, purge } = props;
  const { trans } = trash.tracks;
  const { name, deleted_at: when } = item;
  const kept = whyKept(item);
  const place = item.kind === 'experiment' ? '' : experimentOf(trash, item);
  return (
    <>
      <span role="gridcell" className="jp-TracksideTrash-check">
        <input
          type="checkbox"
          tabIndex={-1}
          aria-label={trans.__('Select %1', name)}
          checked={trash.isSelected(item)}
          onChange={() => trash.toggle(item)}
        />
      </span>
      <span role="gridcell" className="jp-TracksideTrash-kind">
        {kindWord(item, trans)}
      </span>
      <span role="gridcell" className="jp-TracksideRow-name" title={name}>
        {name}
      </span>
      <span role="gridcell" className="jp-TracksideTrash-place" title={place}>
        {place}
      </span>
      <span role="gridcell" className="jp-TracksideTrash-kept" title={kept}>
        {kept}
      </span>
      <span role="gridcell" className="jp-TracksideRow-when">
        {when !== null && <time title={moment(when)}>{ago(when, Math.max(now, when), trans)}</time>}
      </span>
      <span role="gridcell" className="jp-TracksideRow-actions">
        {item.kind !== 'model' && (
          <IconButton
            icon={undoIcon}
            inRow
            label={trans.__('Take %1 back', name)}
            onClick={() => void restore([item])}
          />
        )}
        {!trash.isOutside && !kept && (
          <IconButton
            icon={deleteIcon}
            inRow
            label={trans.__('Delete %1 for ever', name)}
            onClick={() => void purge([item])}
          />
        )}
      </span>
    </>
  );
}

/** One sentence about a thing in the trash. */
export function describe(trash: TrashModel, item: ITrashed, now: number): string {
  const { trans } = trash.tracks;
  const what = trans.__('%1 %2', kindWord(item, trans), item.name);
  const when =
    item.deleted_at === null
      ? what
      : trans.__(
          '%1, deleted %2',
          what,
          ago(item.deleted_at, Math.max(now, item.deleted_at), trans)
        );
  const state = trash.isSelected(item) ? trans.__('%1, selected', when) : when;
  return item.kept ? trans.__('%1. %2', state, whyKept(item)) : state;
}

/** The name of the experiment of a thing; its id while the name is not known. */
function experimentOf(trash: TrashModel, { experiment_id: id }: ITrashed): string {
  return trash.experiments.get(id) ?? id;
}

/** Why a thing stays when the trash is emptied; the server calls it by its id. */
function whyKept({ kept, id, name }: ITrashed): string {
  return kept?.replace(id, () => name) ?? '';
}

function kindWord({ kind }: ITrashed, trans: ITracksideModel['trans']): string {
  switch (kind) {
    case 'experiment':
      return trans.__('Experiment');
    case 'run':
      return trans.__('Run');
    case 'model':
      return trans.__('Logged model');
  }
}
