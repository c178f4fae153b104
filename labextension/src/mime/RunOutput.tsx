import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import { CommandIDs, DATA_RUN } from '../commands';
import { useInView, useSignal } from '../components/hooks';
import { Skeleton } from '../components/Skeleton';
import { byInterest } from '../models/fields';
import { RunCard } from '../shared/runs/RunCard';
import { Fallback } from './Fallback';
import { toListed } from './listed';
import type { RunList } from './runlist';
import { useOutside } from './useOutside';
import { useMetricCurves } from './useRunCurves';

const CardCharts = React.lazy(() => import('./CardCharts'));

/** A run that no job stands behind: its state, last metrics, params and charts. */
export function RunOutput(props: {
  /** The run, alone in a list. */
  list: RunList;
  commands: CommandRegistry;
  fallback: string;
}): JSX.Element {
  const { list, commands, fallback } = props;
  const { model, problem } = list;
  useSignal(list.changed);
  const [host, isInView] = useInView<HTMLDivElement>();
  React.useEffect(() => {
    if (isInView) {
      list.start();
    }
  }, [list, isInView]);
  const frame = useOutside(model, list.isLive, () => list.refresh());
  const run = list.runs?.[0];
  const listed = React.useMemo(() => run && toListed(run), [run]);
  const keys = React.useMemo(() => byInterest([...(run?.metrics.keys() ?? [])], []), [run]);
  const curves = useMetricCurves(model, listed, keys, isInView);
  const open = (): void =>
    void commands.execute(CommandIDs.openRun, {
      run_id: listed?.run_id,
      name: listed?.run_name
    });
  return (
    <div ref={frame}>
      <div ref={host}>
        {listed ? (
          <RunCard
            run={listed}
            metrics={keys}
            curves={curves}
            onOpen={open}
            notice={problem}
            renderCharts={() => (
              <React.Suspense fallback={<Skeleton rows={3} />}>
                <CardCharts model={model} run={listed} metrics={keys} />
              </React.Suspense>
            )}
            attributes={{ [DATA_RUN]: listed.run_id }}
          />
        ) : (
          <Fallback html={fallback} sentence={problem} />
        )}
      </div>
    </div>
  );
}
