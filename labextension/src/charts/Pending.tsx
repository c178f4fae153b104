import * as React from 'react';

import { explain } from '../api/request';
import { useAfter } from '../components/hooks';
import { Action } from '../shared/Action';
import { useTrans } from '../shared/trans-context';
import type { CurveStore } from './curves';

/** After how long a server that does not answer is worth a word. */
const LONG = 5000;

/** What stands in the place of a chart until its curves are there: its name, and why it has to wait. */
export function Pending(props: { curves: CurveStore; metric: string; title: string }): JSX.Element {
  const { curves, metric, title } = props;
  const trans = useTrans();
  const problem = curves.problem(metric);
  const isLate = useAfter(problem === null);
  const isLong = useAfter(problem === null, LONG);
  return (
    <div className="jp-TracksideCharts-pending">
      {(isLate || problem !== null) && <h3 title={metric}>{title}</h3>}
      <p role="status">
        {problem === null
          ? isLong && trans.__('The server takes long to answer.')
          : explain(problem, trans)}
      </p>
      {problem !== null && (
        <Action label={trans.__('Try again')} onClick={() => curves.refresh([])} />
      )}
    </div>
  );
}
