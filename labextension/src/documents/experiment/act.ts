import { MOST as MOST_COMPARED } from '../../api/compare';
import { CommandIDs } from '../../commands';
import { attempt } from '../../components/notices';
import type { ITableContext } from './context';

/** How many runs are acted on at most. */
const MOST = 100_000;

/** Those that leave the selection as it is. */
const KEEPING: readonly string[] = [CommandIDs.tagRuns, CommandIDs.compareRuns];

/** Do something to the selected runs, or to others; what goes wrong is said. */
export async function act(
  { table, commands }: Pick<ITableContext, 'table' | 'commands'>,
  command: string,
  runIds?: readonly string[]
): Promise<void> {
  const { selection, rows, tracks } = table;
  await attempt(tracks.trans, async () => {
    const most = command === CommandIDs.compareRuns ? MOST_COMPARED : MOST;
    const ids = runIds ?? (await table.selectedIds(most));
    const isDone: unknown = await commands.execute(command, { run_ids: [...ids] });
    if (isDone === true && !runIds && !KEEPING.includes(command)) {
      selection.clear();
    }
    if (command !== CommandIDs.compareRuns) {
      rows.refresh();
    }
  });
}
