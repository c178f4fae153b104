import * as React from 'react';

import { Chart } from '../../labextension/src/shared/chart/Chart';
import type { IPoint } from '../../labextension/src/shared/chart/curve';
import { seriesIndex } from '../../labextension/src/shared/chart/series';
import { parseNumber } from '../../labextension/src/shared/format';
import { RunCard } from '../../labextension/src/shared/runs/RunCard';
import type { IListedRun } from '../../labextension/src/shared/runs/rows';
import {
  drawing,
  useQuestions,
  useSilence,
  useTraits,
  type IModel,
  type Questions
} from './kernel';

/** The state that the kernel shares with this view. */
interface ITraits {
  run: IListedRun | Record<string, never>;
  metrics: string[];
  curves: Record<string, (number | string)[]>;
  revision: number;
  message: string;
}

const TRAITS = ['run', 'metrics', 'curves', 'revision', 'message'] as const;

/** A point as the kernel sends it. */
export type SentPoint = Omit<IPoint, 'value'> & { value: number | string };

function RunView(props: { model: IModel<ITraits> }): JSX.Element | null {
  const { model } = props;
  const { run, metrics, curves, revision, message } = useTraits(model, TRAITS);
  const questions = useQuestions(model);
  const silence = useSilence(questions);
  const small = React.useMemo(
    () =>
      Object.fromEntries(
        Object.entries(curves).map(([key, values]) => [key, values.map(parseNumber)])
      ),
    [curves]
  );
  if (!('run_id' in run)) {
    return null;
  }
  return (
    <RunCard
      run={run as IListedRun}
      metrics={metrics}
      curves={small}
      notice={message || silence}
      renderCharts={() => (
        <Charts questions={questions} revision={revision} run={run as IListedRun} />
      )}
    />
  );
}

/** The charts of a run, while they are unfolded. */
function Charts(props: { questions: Questions; revision: number; run: IListedRun }): JSX.Element {
  const { questions, revision, run } = props;
  const [points, setPoints] = React.useState<Record<string, SentPoint[]>>({});
  const [zoom, setZoom] = React.useState<[number, number] | null>(null);
  React.useEffect(() => {
    let isCurrent = true;
    void questions
      .ask<{ curves?: Record<string, SentPoint[]> }>('curves')
      .then(({ curves }) => isCurrent && curves && setPoints(curves));
    return () => {
      isCurrent = false;
    };
  }, [questions, revision, run.run_id]);
  return (
    <div className="jp-TracksideCards-charts">
      {Object.entries(points).map(([metric, found]) => (
        <Chart
          key={metric}
          title={metric}
          curves={[
            {
              id: run.run_id,
              label: run.run_name,
              colour: seriesIndex(run.run_id),
              start: run.start_time,
              points: found.map(point => ({ ...point, value: parseNumber(point.value) }))
            }
          ]}
          axis="step"
          isLog={false}
          smoothing={0}
          syncKey={run.run_id}
          zoom={zoom}
          onZoom={setZoom}
          height={160}
        />
      ))}
    </div>
  );
}

export default drawing(RunView);
