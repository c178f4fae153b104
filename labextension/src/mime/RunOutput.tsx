import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import { explain } from '../api/request';
import type { IRun } from '../api/types';
import { CommandIDs, DATA_RUN } from '../commands';
import { Skeleton } from '../components/Skeleton';
import { byInterest } from '../models/fields';
import { RunCard } from '../shared/runs/RunCard';
import type { IModelChange, ITracksideModel } from '../tokens';
import { Fallback } from './Fallback';
import { toListed } from './listed';
import { isGone } from './live';
import { useMetricCurves } from './useRunCurves';
import { useSeen } from './useSeen';

const CardCharts = React.lazy(() => import('./CardCharts'));

/** A run that no job stands behind: its state, last metrics, params and charts. */
export function RunOutput(props: {
  model: ITracksideModel;
  runId: string;
  commands: CommandRegistry;
  fallback: string;
}): JSX.Element {
  const { model, runId, commands, fallback } = props;
  const [host, isSeen] = useSeen<HTMLDivElement>();
  const [run, problem] = useRun(model, runId);
  const listed = React.useMemo(() => run && toListed(run), [run]);
  const keys = React.useMemo(() => byInterest([...(run?.metrics.keys() ?? [])], []), [run]);
  const curves = useMetricCurves(model, isSeen ? listed : null, keys);
  if (!listed) {
    return <Fallback html={fallback} sentence={problem} />;
  }
  const open = (): void =>
    void commands.execute(CommandIDs.openRun, { run_id: runId, name: listed.run_name });
  return (
    <div ref={host}>
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
        attributes={{ [DATA_RUN]: runId }}
      />
    </div>
  );
}

function useRun(model: ITracksideModel, runId: string): [IRun | null, string] {
  const [run, setRun] = React.useState<IRun | null>(null);
  const [problem, setProblem] = React.useState('');
  React.useEffect(() => {
    let isCurrent = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const load = async (): Promise<void> => {
      timer = undefined;
      try {
        const found = await model.trackingApi.run(runId);
        if (isCurrent) {
          setRun(found);
          setProblem('');
        }
      } catch (error) {
        if (isCurrent) {
          setProblem(
            isGone(error)
              ? model.trans.__('This run is no longer on the server.')
              : explain(error, model.trans)
          );
        }
      }
    };
    const onChanged = (_: unknown, change: IModelChange): void => {
      if (change.reset || change.runs.some(changed => changed.run_id === runId)) {
        timer ??= setTimeout(() => void load(), 500);
      }
    };
    void load();
    model.changed.connect(onChanged);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
      model.changed.disconnect(onChanged);
    };
  }, [model, runId]);
  return [run, problem];
}
