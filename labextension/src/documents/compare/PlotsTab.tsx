import * as React from 'react';

import { CommandIDs } from '../../commands';
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
import { Parallel } from './plots/Parallel';
import type { Colouring, IPlotRun } from './plots/rows';
import { Scatter } from './plots/Scatter';

/** Parallel coordinates and a scatter of params and metrics. */
export function PlotsTab(props: ICompareContext): JSX.Element {
  const { compare, comparison, commands, looks } = props;
  const { trans } = compare.tracks;
  const axes = React.useMemo(() => axesOf(comparison), [comparison]);
  const metric = comparison.objective?.metric ?? null;
  const [colouring, setColouring] = React.useState<Colouring>('merit');
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
  const shared = { axes, runs, looks, colouring, onOpen, trans, metric };
  return (
    <div className="jp-TracksideCompare-part">
      <div className="jp-TracksideCompare-bar">
        <label>
          {trans.__('Colour by')}
          <select
            className="jp-TracksideSelect"
            value={colouring}
            onChange={event => setColouring(event.target.value as Colouring)}
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
  metric: string | null;
  onOpen: (runId: string) => void;
  trans: ICompareContext['compare']['tracks']['trans'];
}

function ParallelSection(props: IShared): JSX.Element {
  const { axes, metric, trans } = props;
  const [chosen, setChosen] = React.useState<readonly string[] | null>(null);
  const [isChoosing, setChoosing] = React.useState(false);
  const [brushes, setBrushes] = React.useState<ReadonlyMap<string, Brush>>(new Map());
  const ids = chosen ?? firstAxes(axes, metric);
  const shown = ids.flatMap(id => axes.find(axis => axis.id === id) ?? []);
  const setBrush = (id: string, brush: Brush | null): void => {
    const next = new Map(brushes);
    if (brush) {
      next.set(id, brush);
    } else {
      next.delete(id);
    }
    setBrushes(next);
  };
  const toggle = (id: string): void => {
    setBrush(id, null);
    setChosen(ids.includes(id) ? ids.filter(one => one !== id) : [...ids, id]);
  };
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
              onClick={() => setBrushes(new Map())}
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
          onMove={(id, by) => setChosen(moved(ids, id, by))}
        />
      )}
    </Section>
  );
}

function ScatterSection(props: IShared): JSX.Element {
  const { axes, metric, trans } = props;
  const params = axes.filter(({ kind }) => kind === 'params');
  const [choice, setChoice] = React.useState<Record<'x' | 'y', string | null>>({
    x: null,
    y: null
  });
  const [logs, setLogs] = React.useState<ReadonlyMap<string, boolean>>(new Map());
  const find = (id: string | null): IAxis | undefined => axes.find(axis => axis.id === id);
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
          onChange={event => setChoice({ ...choice, [which]: event.target.value })}
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
            onChange={event => setLogs(new Map(logs).set(axis.id, event.target.checked))}
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
