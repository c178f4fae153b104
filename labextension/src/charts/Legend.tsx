import * as React from 'react';

import { Action } from '../shared/Action';
import { Swatch } from '../shared/chart/Swatch';
import type { ISeriesLook } from '../shared/chart/series';
import { useTrans } from '../shared/trans-context';
import type { IChartRun } from './hooks';

/** Which runs are drawn, and which stands out. */
export interface ILegendState {
  hidden: ReadonlySet<string>;
  focus: string | null;
  /** Draw a run or do not; with `alone`, only that one, and all again when it was alone. */
  toggle(runId: string, alone: boolean): void;
  showAll(): void;
  setFocus(runId: string | null): void;
}

/** The state of the legend of some runs. */
export function useLegend(runs: readonly IChartRun[]): ILegendState {
  const [hidden, setHidden] = React.useState<ReadonlySet<string>>(new Set());
  const [focus, setFocus] = React.useState<string | null>(null);
  return {
    hidden,
    focus,
    setFocus,
    showAll: () => setHidden(new Set()),
    toggle: (runId, alone) =>
      setHidden(toggled(hidden, runId, alone ? runs.map(run => run.runId) : null))
  };
}

/** What is hidden after a click on a run; `all` are the runs when it is to be alone. */
export function toggled(
  hidden: ReadonlySet<string>,
  runId: string,
  all: readonly string[] | null
): ReadonlySet<string> {
  if (all) {
    const others = all.filter(id => id !== runId);
    const isAlone = !hidden.has(runId) && others.every(id => hidden.has(id));
    return new Set(isAlone ? [] : others);
  }
  const next = new Set(hidden);
  if (!next.delete(runId)) {
    next.add(runId);
  }
  return next;
}

/** The runs and how they are drawn: click hides one, Shift and click shows it alone, pointing lets it stand out. */
export function Legend(props: {
  runs: readonly IChartRun[];
  looks: ReadonlyMap<string, ISeriesLook>;
  state: ILegendState;
}): JSX.Element {
  const { runs, looks, state } = props;
  const trans = useTrans();
  return (
    <div className="jp-TracksideLegend" role="group" aria-label={trans.__('Runs')}>
      {runs.map(({ runId, label }) => (
        <button
          key={runId}
          type="button"
          className="jp-TracksideLegend-run"
          aria-pressed={!state.hidden.has(runId)}
          title={trans.__('%1. Click hides or shows it, Shift and click shows it alone.', label)}
          onClick={event => state.toggle(runId, event.shiftKey)}
          onPointerEnter={() => state.setFocus(runId)}
          onPointerLeave={() => state.setFocus(null)}
          onFocus={() => state.setFocus(runId)}
          onBlur={() => state.setFocus(null)}
        >
          <Swatch look={looks.get(runId)!} />
          <span>{label}</span>
        </button>
      ))}
      {state.hidden.size > 0 && (
        <Action label={trans.__('Show all runs')} onClick={state.showAll} />
      )}
    </div>
  );
}
