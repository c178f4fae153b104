import * as React from 'react';

import type { IJob } from '../../api/types';
import { ago, moment, number } from '../format';
import { Sparkline } from '../Sparkline';
import { useTrans } from '../trans-context';

/** Most metrics that one line of a card shows. */
const SHOWN = 4;

/** The main metric first, then the others as they came. */
export function orderedMetrics(job: IJob): string[] {
  const names = Object.keys(job.metrics);
  const main = job.main_metric;
  return main && names.includes(main) ? [main, ...names.filter(name => name !== main)] : names;
}

/** The latest values of the metrics, each with its small curve. */
export function Metrics(props: {
  job: IJob;
  now: number;
  sparklines?: Readonly<Record<string, readonly number[]>>;
}): JSX.Element | null {
  const { job, now, sparklines } = props;
  const trans = useTrans();
  const names = orderedMetrics(job);
  if (names.length === 0) {
    return null;
  }
  const newest = job.metrics[names[0]];
  const curve = (name: string): readonly number[] =>
    sparklines?.[name] ?? (name === job.main_metric ? job.sparkline : []);
  return (
    <div className="jp-TracksideCard-metrics">
      {names.slice(0, SHOWN).map(name => (
        <span key={name} className="jp-TracksideCard-metric">
          <span className="jp-TracksideCard-key" title={name}>
            {name}
          </span>
          <span className="jp-TracksideCard-value">{number(job.metrics[name].value)}</span>
          <Sparkline values={curve(name)} />
        </span>
      ))}
      {names.length > SHOWN && (
        <span className="jp-TracksideCard-dim" title={names.slice(SHOWN).join('\n')}>
          {trans.__('+%1 more', names.length - SHOWN)}
        </span>
      )}
      <span className="jp-TracksideCard-when" title={moment(newest.timestamp)}>
        {newest.step !== null && trans.__('step %1', newest.step)}
        {newest.step !== null && ' · '}
        {ago(newest.timestamp, now, trans)}
      </span>
    </div>
  );
}
