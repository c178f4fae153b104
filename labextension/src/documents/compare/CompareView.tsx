import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import { ChartPrefs } from '../../charts/prefs';
import type { ITracksideModel } from '../../tokens';
import { Comparison } from './Comparison';
import { CompareModel } from './model';

/** Runs side by side, anywhere: in a cell as well as in the main area. */
export function CompareView(props: {
  model: ITracksideModel;
  commands: CommandRegistry;
  runIds: readonly string[];
}): JSX.Element | null {
  const { model, commands, runIds } = props;
  const [compare, setCompare] = React.useState<CompareModel | null>(null);
  const prefs = React.useMemo(() => new ChartPrefs(null), []);
  const ids = runIds.join();
  React.useEffect(() => {
    const made = new CompareModel(model, { run_ids: ids.split(',').filter(Boolean) });
    setCompare(made);
    return () => made.dispose();
  }, [model, ids]);
  return compare && <Comparison compare={compare} commands={commands} prefs={prefs} isCompact />;
}
