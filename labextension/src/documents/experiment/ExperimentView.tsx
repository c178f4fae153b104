import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { IStateDB } from '@jupyterlab/statedb';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import type { ITracksideModel } from '../../tokens';
import { ExperimentModel } from './model';
import { Table } from './Table';

/** The table of one or several experiments, wherever it is drawn. */
export function ExperimentView(props: {
  model: ITracksideModel;
  commands: CommandRegistry;
  experimentIds: readonly string[];
  /** A filter to begin with. */
  filter?: string;
  /** Less around the rows, and a bounded height, for outputs of cells. */
  compact?: boolean;
  rendermime?: IRenderMimeRegistry | null;
  /** Where the view is remembered; without it, it is not. */
  state?: IStateDB | null;
}): JSX.Element | null {
  const { model, commands, filter, compact, rendermime, state } = props;
  const [ids, setIds] = React.useState(props.experimentIds);
  const wanted = props.experimentIds.join(',');
  React.useEffect(() => setIds(props.experimentIds), [wanted]);
  const [table, setTable] = React.useState<ExperimentModel | null>(null);
  React.useEffect(() => {
    const made = new ExperimentModel({ tracks: model, experimentIds: ids, filter, state });
    setTable(made);
    return () => made.dispose();
  }, [model, ids.join(','), filter, state]);
  return (
    table && (
      <Table
        table={table}
        commands={commands}
        rendermime={rendermime}
        isCompact={compact}
        onChoose={setIds}
      />
    )
  );
}
