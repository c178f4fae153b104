import * as React from 'react';

import { Chart } from '../../labextension/src/shared/chart/Chart';
import type { ICurve } from '../../labextension/src/shared/chart/curve';
import { type ISeriesLook, seriesLooks } from '../../labextension/src/shared/chart/series';
import { Swatch } from '../../labextension/src/shared/chart/Swatch';
import { number, parseNumber } from '../../labextension/src/shared/format';
import { StateIcon } from '../../labextension/src/shared/StateIcon';
import { useTrans } from '../../labextension/src/shared/trans-context';
import { choose, drawing, useQuestions, useSilence, useTraits, type IModel } from './kernel';
import type { SentPoint } from './run';

/** A run as the view names it. */
interface IHead {
  run_id: string;
  run_name: string;
  status: string;
  start_time: number;
}

/** Something in which the runs differ. */
interface IDifference {
  kind: string;
  key: string;
  values: (number | string | null)[];
}

/** The state that the kernel shares with this view. */
interface ITraits {
  heads: IHead[];
  metrics: string[];
  metric: string;
  sentence: string;
  rows: IDifference[];
  revision: number;
  message: string;
}

const TRAITS = ['heads', 'metrics', 'metric', 'sentence', 'rows', 'revision', 'message'] as const;

function CompareView(props: { model: IModel<ITraits> }): JSX.Element {
  const { model } = props;
  const { heads, metrics, metric, sentence, rows, revision, message } = useTraits(model, TRAITS);
  const trans = useTrans();
  const questions = useQuestions(model);
  const silence = useSilence(questions);
  const [points, setPoints] = React.useState<Record<string, SentPoint[]>>({});
  const [zoom, setZoom] = React.useState<[number, number] | null>(null);
  React.useEffect(() => {
    let isCurrent = true;
    void questions
      .ask<{ curves?: Record<string, SentPoint[]> }>('curves')
      .then(answer => isCurrent && answer.curves && setPoints(answer.curves));
    return () => {
      isCurrent = false;
    };
  }, [questions, revision, metric]);
  const looks = React.useMemo(() => seriesLooks(heads.map(head => head.run_id)), [heads]);
  const curves = React.useMemo(
    () => heads.map(head => curveOf(head, points[head.run_id] ?? [], looks)),
    [heads, points, looks]
  );
  return (
    <section className="jp-TracksideCard jp-mod-list" aria-label={trans.__('Comparison')}>
      <p>{sentence}</p>
      {metrics.length > 0 && (
        <div className="jp-TracksideCard-head">
          <label>
            {trans.__('Metric')}{' '}
            <select
              value={metric}
              onChange={event => choose(model, { metric: event.target.value })}
            >
              {metrics.map(name => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
        </div>
      )}
      {curves.some(curve => curve.points.length > 1) && (
        <Chart
          title={metric}
          curves={curves}
          axis="step"
          isLog={false}
          smoothing={0}
          syncKey="trackside-compare"
          zoom={zoom}
          onZoom={setZoom}
        />
      )}
      {/* What may scroll can be reached by the keyboard. */}
      <div
        className="jp-TracksideVersions"
        tabIndex={0}
        role="region"
        aria-label={trans.__('What differs')}
      >
        <table aria-label={trans.__('What differs')}>
          <thead>
            <tr>
              <th scope="col">{trans.__('What differs')}</th>
              {heads.map(head => (
                <th key={head.run_id} scope="col" title={head.run_id}>
                  <Swatch look={looks.get(head.run_id)!} />{' '}
                  <StateIcon state={head.status} labelled /> {head.run_name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(row => (
              <tr key={`${row.kind} ${row.key}`}>
                <th scope="row" title={row.kind}>
                  {row.key}
                </th>
                {row.values.map((value, index) => (
                  <td key={heads[index]?.run_id ?? index}>
                    {value === null ? '–' : row.kind === 'metrics' ? number(value) : String(value)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length === 0 && <p className="jp-TracksideCard-dim">{trans.__('Nothing differs.')}</p>}
      {(message || silence) && (
        <p className="jp-TracksideCard-notice" role="alert">
          {message || silence}
        </p>
      )}
    </section>
  );
}

function curveOf(
  head: IHead,
  points: readonly SentPoint[],
  looks: ReadonlyMap<string, ISeriesLook>
): ICurve {
  return {
    id: head.run_id,
    label: head.run_name,
    ...looks.get(head.run_id)!,
    start: head.start_time,
    points: points.map(point => ({ ...point, value: parseNumber(point.value) }))
  };
}

export default drawing(CompareView);
