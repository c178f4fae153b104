import * as React from 'react';

import { CommandIDs } from '../../commands';
import { tellFailure } from '../../components/notices';
import type { Field } from '../../models/fields';
import { act } from './act';
import type { ITableContext } from './context';
import { HEAD, type ILayout, ROW } from './layout';
import { idsBetween } from './range';
import { entryKey } from './tree';

/** A cell: the line, -1 for the headings, and the place in it, 0 for the box. */
interface ICell {
  line: number;
  cell: number;
  /** The column: who is in it stays in it when it gets another place. */
  field?: Field;
}

interface IKeys {
  active: ICell;
  onKeyDown: (event: React.KeyboardEvent) => void;
  onClick: (event: React.MouseEvent) => void;
  onDoubleClick: (event: React.MouseEvent) => void;
  onFocus: (event: React.FocusEvent) => void;
  onBlur: () => void;
}

/** The table is one stop for the Tab key; this is what keys and clicks do in it. */
export function useKeys(
  context: ITableContext,
  grid: { scroller: React.RefObject<HTMLElement>; layout: ILayout; lines: number }
): IKeys {
  const { table, commands } = context;
  const { rows, selection } = table;
  const { scroller, layout, lines } = grid;
  const [chosen, setChosen] = React.useState<ICell>({ line: 0, cell: 1 });
  const setActive = ({ line, cell }: ICell): void =>
    setChosen({ line, cell, field: layout.columns[cell - 1]?.field });
  const wantsFocus = React.useRef(false);
  const hasFocus = React.useRef(false);
  const extension = React.useRef(0);
  const active = withinBounds(chosen, lines, layout);
  useFollowing(context, active, hasFocus, line => {
    wantsFocus.current = hasFocus.current;
    setActive({ ...active, line });
  });

  React.useLayoutEffect(() => {
    // The cell that had the focus is no longer there.
    const isLost = hasFocus.current && document.activeElement === document.body;
    if (wantsFocus.current || isLost) {
      wantsFocus.current = false;
      const row = active.line < 0 ? '.jp-TracksideTable-head' : `[data-line="${active.line}"]`;
      scroller.current
        ?.querySelector<HTMLElement>(`${row} > [data-column="${active.cell}"]`)
        ?.focus({ preventScroll: true });
    }
  });

  const go = (line: number, cell: number): void => {
    const next = {
      line: Math.max(-1, Math.min(lines - 1, line)),
      cell: Math.max(0, Math.min(layout.columns.length, cell))
    };
    wantsFocus.current = true;
    setActive(next);
    reveal(scroller.current, layout, next);
  };
  const open = (line: number): void => {
    const entry = rows.entry(line);
    if (entry?.kind === 'group') {
      rows.toggle(line);
    } else if (entry) {
      const { run_id, run_name } = entry.row;
      void commands.execute(CommandIDs.openRun, { run_id, name: run_name });
    }
  };
  const toggle = (line: number): void => {
    const entry = rows.entry(line);
    if (entry?.kind === 'run') {
      selection.toggle(entry.row.run_id, line);
    }
  };
  const extend = (line: number): void => {
    const { anchor, anchorId } = selection;
    const from = anchor ?? active.line;
    const now = anchorId === null ? null : rows.lineOf(anchorId, from);
    const round = ++extension.current;
    void idsBetween(table, now ?? from, line).then(
      ids => {
        if (round === extension.current) {
          selection.setAll(ids, true);
        }
      },
      error => tellFailure(error, table.tracks.trans)
    );
  };
  const remove = (line: number): void => {
    const entry = rows.entry(line);
    if (!selection.isEmpty) {
      void act(context, CommandIDs.deleteRuns);
    } else if (entry?.kind === 'run') {
      void act(context, CommandIDs.deleteRuns, [entry.row.run_id]);
    }
  };

  const onKeyDown = (event: React.KeyboardEvent): void => {
    const at = cellOf(event.target);
    if (!at || event.altKey) {
      return;
    }
    const { line, cell } = at;
    const isHead = line < 0;
    const page = Math.max(1, Math.floor(((scroller.current?.clientHeight ?? 0) - HEAD) / ROW) - 1);
    const isTree = rows.asked?.group !== null;
    const isOpen = !isHead && rows.below(line) !== undefined;
    const command = event.ctrlKey || event.metaKey;
    switch (event.key) {
      case 'ArrowDown':
      case 'ArrowUp': {
        const next = line + (event.key === 'ArrowDown' ? 1 : -1);
        if (event.shiftKey && !isHead && next >= 0 && next < lines) {
          extend(next);
        }
        go(next, cell);
        break;
      }
      case 'PageDown':
        go(line + page, cell);
        break;
      case 'PageUp':
        go(Math.max(isHead ? -1 : 0, line - page), cell);
        break;
      case 'Home':
        go(0, cell);
        break;
      case 'End':
        go(lines - 1, cell);
        break;
      case 'ArrowRight':
        if (isTree && cell === 1 && !isHead && !isOpen && isFoldable(line)) {
          rows.toggle(line);
        } else {
          go(line, command ? layout.columns.length : cell + 1);
        }
        break;
      case 'ArrowLeft':
        if (isTree && cell === 1 && isOpen) {
          rows.toggle(line);
        } else {
          go(line, command ? 0 : cell - 1);
        }
        break;
      case ' ':
        if (isHead) {
          selectOrClear();
        } else if (event.shiftKey) {
          extend(line);
        } else {
          toggle(line);
        }
        break;
      case 'Enter':
        if (isHead) {
          selectOrClear();
        } else {
          open(line);
        }
        break;
      case 'Delete':
        remove(line);
        break;
      case 'Escape':
        if (selection.isEmpty) {
          return;
        }
        selection.clear();
        break;
      case 'a':
        if (!command) {
          return;
        }
        selection.selectEverything();
        break;
      default:
        return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  const isFoldable = (line: number): boolean => {
    const entry = rows.entry(line);
    return entry?.kind === 'group' || Boolean(entry?.row.children);
  };
  const selectOrClear = (): void =>
    selection.isEmpty ? selection.selectEverything() : selection.clear();

  const onClick = (event: React.MouseEvent): void => {
    const at = cellOf(event.target);
    if (!at) {
      return;
    }
    const { line, cell } = at;
    if (line < 0) {
      if (cell === 0) {
        selectOrClear();
      }
      return;
    }
    const target = event.target as HTMLElement;
    if (target.closest('[data-fold]')) {
      rows.toggle(line);
    } else if (event.shiftKey) {
      extend(line);
    } else if (cell === 0 || event.ctrlKey || event.metaKey) {
      toggle(line);
    }
    wantsFocus.current = true;
    setActive({ line, cell });
  };

  return {
    active,
    onKeyDown,
    onClick,
    onDoubleClick: event => {
      const at = cellOf(event.target);
      if (at && at.line >= 0 && at.cell > 0 && !(event.target as HTMLElement).closest('button')) {
        open(at.line);
      }
    },
    onBlur: () => {
      hasFocus.current = false;
    },
    onFocus: event => {
      hasFocus.current = true;
      const at = cellOf(event.target);
      if (at && (at.line !== active.line || at.cell !== active.cell)) {
        setActive(at);
      }
    }
  };
}

/** A cell that is there: the list may have become shorter, and columns may be moved or hidden. */
export function withinBounds({ line, cell, field }: ICell, lines: number, layout: ILayout): ICell {
  const at = layout.columns.findIndex(column => column.field === field);
  return {
    line: Math.min(line, lines - 1),
    cell: at >= 0 ? at + 1 : Math.min(cell, layout.columns.length)
  };
}

/** Who reads a run stays with it when it gets another line. */
function useFollowing(
  { table }: ITableContext,
  { line }: ICell,
  hasFocus: React.RefObject<boolean>,
  onMoved: (line: number) => void
): void {
  const { rows } = table;
  const followed = React.useRef<{ key: string; line: number } | null>(null);
  React.useLayoutEffect(() => {
    const entry = rows.entry(line);
    const before = followed.current;
    if (!entry || !hasFocus.current) {
      followed.current = null;
      return;
    }
    const key = entryKey(entry);
    const now = before?.line === line && before.key !== key ? rows.lineOf(before.key, line) : null;
    if (now === null) {
      followed.current = { key, line };
    } else {
      followed.current = { key: before!.key, line: now };
      onMoved(now);
    }
  });
}

function cellOf(target: EventTarget): ICell | null {
  const cell = (target as HTMLElement).closest<HTMLElement>('[data-column]');
  const row = cell?.closest<HTMLElement>('[role="row"]');
  return cell && row
    ? { line: Number(row.dataset.line ?? -1), cell: Number(cell.dataset.column) }
    : null;
}

/** Scroll so far that a cell is in view. */
function reveal(scroller: HTMLElement | null, layout: ILayout, { line, cell }: ICell): void {
  if (!scroller) {
    return;
  }
  if (line >= 0) {
    const top = line * ROW;
    const height = scroller.clientHeight - HEAD;
    if (top < scroller.scrollTop) {
      scroller.scrollTop = top;
    } else if (top + ROW > scroller.scrollTop + height) {
      scroller.scrollTop = top + ROW - height;
    }
  }
  const at = cell - 1;
  const column = layout.columns[at];
  if (column && at >= layout.pinned) {
    const stuck = layout.columns[layout.pinned].left;
    const left = column.left - stuck;
    const right = column.left + column.width - scroller.clientWidth;
    if (left < scroller.scrollLeft) {
      scroller.scrollLeft = left;
    } else if (right > scroller.scrollLeft) {
      scroller.scrollLeft = right;
    }
  }
}
