import * as React from 'react';

import { CommandIDs } from '../../commands';
import { useSignal } from '../../components/hooks';
import { Action } from '../../shared/Action';
import { Section } from '../run/Facts';
import type { ICompareContext } from './context';
import { moved } from './model';
import {
  axesOf,
  type Brush,
  canBeLog,
  firstAxes,
  type IAxis,
  isLogByDefault,
  merits
} from './plots/axes';
import { type IPlotChoice, withPair } from './plots/choice';
import { Parallel } from './plots/Parallel';
import type { Colouring, IPlotRun } from './plots/rows';
import { Scatter } from './plots/Scatter';

/** Parallel coordinates and a scatter of params and metrics. */
export function PlotsTab(props: ICompareContext): JSX.Element {
  const { compare, comparison, commands, looks } = props;
  const { trans } = compare.tracks;
  const axes = React.useMemo(() => axesOf(comparison), [comparison]);
  const metric = comparison.objective?.metric ?? null;
  useSignal(compare.plotsChanged);
  const choice = compare.plots;
  const colouring = choice.colouring ?? 'merit';
  const onChoose = React.useCallback(
    (change: IPlotChoice) => compare.choosePlots(change),
    [compare]
  );
  const runs = React.useMemo<IPlotRun[]>(() => {
    const good = merits(comparison);
    return comparison.runs.map((run, at) => ({
      runId: run.run_id,
      name: run.run_name,
      merit: good[at]
    }));
  }, [comparison]);
  const onOpen = (runId: string): void =>
    void commands.execute(CommandIDs.openRun, { run_id: runId });
  if (axes.length === 0) {
    return (
      <p className="jp-TracksideDoc-note">
        {trans.__('No params differ and no metrics were logged, so there is nothing to plot.')}
      </p>
    );
  }
  const shared = { axes, runs, looks, colouring, choice, onChoose, onOpen, trans, metric };
  return (
    <div className="jp-TracksideCompare-part">
      <div className="jp-TracksideCompare-bar">
        <label>
          {trans.__('Colour by')}
          <select
            className="jp-TracksideSelect"
            value={colouring}
            onChange={event => onChoose({ colouring: event.target.value as Colouring })}
          >
            <option value="merit">{trans.__('result')}</option>
            <option value="run">{trans.__('run')}</option>
          </select>
        </label>
        {colouring === 'merit' && metric && (
          <span className="jp-TracksideCompare-scale">
            {trans.__('worse %1', metric)}
            <i aria-hidden />
            {trans.__('better %1', metric)}
          </span>
        )}
      </div>
      <ParallelSection {...shared} />
      <ScatterSection {...shared} />
    </div>
  );
}

interface IShared {
  axes: readonly IAxis[];
  runs: readonly IPlotRun[];
  looks: ICompareContext['looks'];
  colouring: Colouring;
  choice: IPlotChoice;
  onChoose: (change: IPlotChoice) => void;
  metric: string | null;
  onOpen: (runId: string) => void;
  trans: ICompareContext['compare']['tracks']['trans'];
}

function ParallelSection(props: IShared): JSX.Element {
  const { axes, metric, choice, onChoose, trans } = props;
  const [isChoosing, setChoosing] = React.useState(false);
  const ids = choice.axes ?? firstAxes(axes, metric);
  const shown = ids.flatMap(id => axes.find(axis => axis.id === id) ?? []);
  const chosen = choice.brushes ?? [];
  // Of an axis that is no longer there, nothing can be chosen.
  const brushes = new Map(chosen.filter(([id]) => shown.some(axis => axis.id === id)));
  const setBrush = (id: string, brush: Brush | null): void =>
    onChoose({ brushes: withPair(chosen, id, brush) });
  const toggle = (id: string): void =>
    onChoose({
      axes: ids.includes(id) ? ids.filter(one => one !== id) : [...ids, id],
      brushes: withPair(chosen, id, null)
    });
  return (
    <Section
      title={trans.__('Parallel coordinates')}
      aside={
        <>
          <Action
            label={trans.__('Axes')}
            expanded={isChoosing}
            onClick={() => setChoosing(!isChoosing)}
          />
          {brushes.size > 0 && (
            <Action
              label={trans.__('Choose all runs again')}
              onClick={() => onChoose({ brushes: [] })}
            />
          )}
        </>
      }
    >
      {isChoosing && (
        <fieldset className="jp-TracksideCompare-axes">
          <legend className="jp-TracksideHidden">{trans.__('Axes')}</legend>
          {axes.map(axis => (
            <label key={axis.id} title={axis.label}>
              <input
                type="checkbox"
                checked={ids.includes(axis.id)}
                onChange={() => toggle(axis.id)}
              />
              <span>{axis.label}</span>
            </label>
          ))}
        </fieldset>
      )}
      {shown.length < 2 ? (
        <p className="jp-TracksideDoc-note">{trans.__('Two axes are needed. Choose some more.')}</p>
      ) : (
        <Parallel
          {...props}
          axes={shown}
          brushes={brushes}
          onBrush={setBrush}
          onMove={(id, by) => onChoose({ axes: moved(ids, id, by) })}
        />
      )}
    </Section>
  );
}

function ScatterSection(props: IShared): JSX.Element {
  const { axes, metric, choice, onChoose, trans } = props;
  const params = axes.filter(({ kind }) => kind === 'params');
  const chosen = choice.logs ?? [];
  const logs = new Map(chosen);
  const find = (id: string | undefined): IAxis | undefined => axes.find(axis => axis.id === id);
  const y = find(choice.y) ?? find(`metrics.${metric}`) ?? axes[axes.length - 1];
  const x = find(choice.x) ?? params.at(0) ?? axes.find(axis => axis !== y) ?? axes[0];
  const isLog = (axis: IAxis): boolean => logs.get(axis.id) ?? isLogByDefault(axis);
  const chooser = (which: 'x' | 'y', axis: IAxis): JSX.Element => (
    <>
      <label>
        {which === 'x' ? trans.__('Across') : trans.__('Up')}
        <select
          className="jp-TracksideSelect"
          value={axis.id}
          onChange={event => onChoose({ [which]: event.target.value })}
        >
          {axes.map(({ id, label }) => (
            <option key={id} value={id}>
              {label}
            </option>
          ))}
        </select>
      </label>
      {canBeLog(axis) && (
        <label>
          <input
            type="checkbox"
            checked={isLog(axis)}
            onChange={event => onChoose({ logs: withPair(chosen, axis.id, event.target.checked) })}
          />
          {which === 'x' ? trans.__('log across') : trans.__('log up')}
        </label>
      )}
    </>
  );
  return (
    <Section title={trans.__('Scatter')}>
      <div className="jp-TracksideCompare-bar">
        {chooser('x', x)}
        {chooser('y', y)}
      </div>
      <Scatter {...props} x={x} y={y} isLogX={isLog(x)} isLogY={isLog(y)} />
    </Section>
  );
}
