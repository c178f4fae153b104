import type { IPromotion } from '../../api/registrytypes';
import { isBoardAlias } from '../../shared/board';
import type { ITrans } from '../../shared/trans';

/** What was done at once: one line of the history or several. */
export interface IMove {
  /** The number by which it can be taken back. */
  id: number;
  /** Oldest first. */
  lines: IPromotion[];
  actor: string;
  reason: string;
  time: number;
  reverts: number | null;
  seen: boolean;
}

/** The history as moves, the newest first; lines of one move stand together. */
export function toMoves(lines: readonly IPromotion[]): IMove[] {
  const moves: IMove[] = [];
  for (const line of lines) {
    const last = moves[moves.length - 1];
    if (last?.id === line.move) {
      last.lines.unshift(line);
      continue;
    }
    const { actor, reason, time, reverts, seen } = line;
    moves.push({ id: line.move, lines: [line], actor, reason, time, reverts, seen });
  }
  return moves;
}

/** What a move did, a sentence for each thing that somebody would want to know. */
export function moveWords(move: IMove, trans: ITrans): string[] {
  const enters = new Set(
    move.lines
      .filter(({ kind, to }) => to && to !== 'None' && kind === 'stage')
      .map(({ version }) => version)
  );
  for (const { kind, alias, to } of move.lines) {
    if (kind === 'alias' && to && isBoardAlias(alias ?? '')) {
      enters.add(to);
    }
  }
  return move.lines
    .filter(line => !leavesOnly(line) || !enters.has(whose(line)))
    .map(line => (line.kind === 'alias' ? aliasWords(line, trans) : stageWords(line, trans)));
}

function whose(line: IPromotion): string {
  return (line.kind === 'stage' ? line.version : line.from) ?? '';
}

/** Whether a line only says that a version left a place: where it went says more. */
function leavesOnly(line: IPromotion): boolean {
  return line.kind === 'stage'
    ? line.to === null || line.to === 'None'
    : line.to === null && isBoardAlias(line.alias ?? '');
}

function aliasWords(line: IPromotion, trans: ITrans): string {
  const { alias = '', from, to } = line;
  if (isBoardAlias(alias)) {
    const stage = alias === 'production' ? trans.__('Production') : trans.__('Staging');
    if (!to) {
      return trans.__('v%1 left %2', from, stage);
    }
    return from
      ? trans.__('v%1 to %2, in place of v%3', to, stage, from)
      : trans.__('v%1 to %2', to, stage);
  }
  if (!to) {
    return trans.__('@%1 taken from v%2', alias, from);
  }
  return from
    ? trans.__('@%1 from v%2 to v%3', alias, from, to)
    : trans.__('@%1 given to v%2', alias, to);
}

function stageWords(line: IPromotion, trans: ITrans): string {
  const { version, from, to } = line;
  return !to || to === 'None'
    ? trans.__('v%1 left %2', version, from)
    : trans.__('v%1 to %2', version, to);
}
