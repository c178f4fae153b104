import { caretDownIcon, caretRightIcon, fileIcon, folderIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { IArtifact } from '../../../api/types';
import { size } from '../../../shared/format';
import { useTrans } from '../../../shared/trans-context';
import { shownName } from './kinds';
import type { IFolders, ITreeRow } from './useFolders';

/** Most rows that are drawn. */
const MAX_SHOWN = 2000;

/** The files of a run, one stop for the Tab key: arrows move, right and left unfold and fold. */
export function Tree(props: {
  folders: IFolders;
  chosen: string | null;
  onChoose: (file: IArtifact) => void;
}): JSX.Element {
  const { folders, chosen, onChoose } = props;
  const trans = useTrans();
  const list = React.useRef<HTMLUListElement>(null);
  const rows = folders.rows.slice(0, MAX_SHOWN);
  const [active, setActive] = React.useState<string | null>(null);
  const activeAt = Math.max(
    0,
    rows.findIndex(row => row.file.path === (active ?? chosen))
  );
  const focus = (at: number): void => {
    const target = Math.min(rows.length - 1, Math.max(0, at));
    setActive(rows[target].file.path);
    list.current?.querySelectorAll<HTMLElement>('[role="treeitem"]')[target]?.focus();
  };
  const act = (row: ITreeRow): void => {
    if (row.file.is_dir) {
      folders.toggle(row.file.path);
    } else {
      onChoose(row.file);
    }
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const row = rows[activeAt];
    const parent = rows
      .slice(0, activeAt)
      .map(above => above.level)
      .lastIndexOf(row.level - 1);
    const keys: Record<string, () => void> = {
      ArrowDown: () => focus(activeAt + 1),
      ArrowUp: () => focus(activeAt - 1),
      Home: () => focus(0),
      End: () => focus(rows.length - 1),
      ArrowRight: () =>
        row.file.is_dir && !row.isOpen ? folders.toggle(row.file.path) : focus(activeAt + 1),
      ArrowLeft: () =>
        row.file.is_dir && row.isOpen
          ? folders.toggle(row.file.path)
          : focus(parent >= 0 ? parent : activeAt),
      Enter: () => act(row),
      ' ': () => act(row)
    };
    if (event.key in keys) {
      event.preventDefault();
      event.stopPropagation();
      keys[event.key]();
    }
  };
  return (
    <ul
      ref={list}
      role="tree"
      className="jp-TracksideTree"
      aria-label={trans.__('Artifacts')}
      onKeyDown={onKeyDown}
    >
      {rows.map((row, at) => {
        const { file } = row;
        const Icon = file.is_dir ? folderIcon : fileIcon;
        const Caret = row.isOpen ? caretDownIcon : caretRightIcon;
        const name = shownName(file.path.split('/').pop() ?? '');
        return (
          <li
            key={file.path}
            role="treeitem"
            aria-level={row.level}
            aria-expanded={file.is_dir ? row.isOpen : undefined}
            aria-selected={file.path === chosen}
            tabIndex={at === activeAt ? 0 : -1}
            style={{ paddingInlineStart: 8 + (row.level - 1) * 14 }}
            onFocus={() => setActive(file.path)}
            onClick={() => act(row)}
          >
            {file.is_dir ? <Caret.react tag={null} width="12px" height="12px" /> : <i />}
            <Icon.react tag={null} width="14px" height="14px" />
            <bdi title={name}>{name}</bdi>
            {file.file_size !== null && <span>{size(file.file_size)}</span>}
          </li>
        );
      })}
    </ul>
  );
}
