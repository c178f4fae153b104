import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import { ChartPrefs } from '../../charts/prefs';
import { useSignal } from '../../components/hooks';
import type { ITracksideModel } from '../../tokens';
import { Comparison } from './Comparison';
import { CompareModel } from './model';

interface IProps {
  model: ITracksideModel;
  commands: CommandRegistry;
  runIds: readonly string[];
  /** What is drawn until the runs have been compared. */
  fallback?: React.ReactNode;
}

/** Runs side by side, anywhere: in a cell as well as in the main area. */
export default function CompareView(props: IProps): JSX.Element {
  const { model, runIds } = props;
  const [compare, setCompare] = React.useState<CompareModel | null>(null);
  const ids = runIds.join();
  React.useEffect(() => {
    const made = new CompareModel(model, { run_ids: ids.split(',').filter(Boolean) });
    setCompare(made);
    return () => made.dispose();
  }, [model, ids]);
  return compare ? <Ready {...props} compare={compare} /> : <>{props.fallback}</>;
}

function Ready(props: IProps & { compare: CompareModel }): JSX.Element {
  const { compare, commands, fallback } = props;
  useSignal(compare.changed);
  const prefs = React.useMemo(() => new ChartPrefs(null), []);
  if (fallback && !compare.comparison && !compare.problem) {
    return <>{fallback}</>;
  }
  return (
    <>
      <Comparison compare={compare} commands={commands} prefs={prefs} isCompact />
      {compare.problem && !compare.comparison && fallback}
    </>
  );
}
