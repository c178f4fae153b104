import type { TranslationBundle } from '@jupyterlab/translation';
import { caretLeftIcon, caretRightIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { IconButton } from '../../../components/IconButton';
import { useWidth } from '../../../components/hooks';
import { DASHES, type ISeriesLook, seriesVariable } from '../../../shared/chart/series';
import { type Brush, type IAxis, isLogByDefault, isWithin, placeOf } from './axes';
import { BrushHandles } from './BrushHandles';
import { type Colouring, describeRun, type IPlotRun, meritColour, ticksOf } from './rows';

const HEIGHT = 300;
const TOP = 18;
/** Where what has no place on an axis stands, below it. */
const NONE = 24;
const SIDE = 68;
const LEAST = 96;

/** Parallel coordinates: each run is a line over the axes; parts of axes can be chosen. */
export function Parallel(props: {
  axes: readonly IAxis[];
  runs: readonly IPlotRun[];
  looks: ReadonlyMap<string, ISeriesLook>;
  colouring: Colouring;
  brushes: ReadonlyMap<string, Brush>;
  onBrush: (id: string, brush: Brush | null) => void;
  onMove: (id: string, by: number) => void;
  onOpen: (runId: string) => void;
  trans: TranslationBundle;
}): JSX.Element {
  const { axes, runs, looks, colouring, brushes, onBrush, onMove, onOpen, trans } = props;
  const [frame, width] = useWidth();
  const [focus, setFocus] = React.useState<number | null>(null);
  const whole = Math.max(width, 2 * SIDE + LEAST * Math.max(1, axes.length - 1));
  const step = axes.length > 1 ? (whole - 2 * SIDE) / (axes.length - 1) : 0;
  const bottom = TOP + HEIGHT;
  const yOf = (axis: IAxis, run: number): number => {
    const place = placeOf(axis, axis.values[run], isLogByDefault(axis));
    return place === null ? bottom + NONE : bottom - place * HEIGHT;
  };
  const within = runs.map((_, at) => isWithin(axes, brushes, at));
  // The one that is looked at is drawn above all, then those that are chosen.
  const order = runs
    .map((_, at) => at)
    .sort(
      (one, two) =>
        Number(one === focus) - Number(two === focus) || Number(within[one]) - Number(within[two])
    );
  const hasNone = (axis: IAxis): boolean =>
    axis.values.some(value => placeOf(axis, value, isLogByDefault(axis)) === null);
  return (
    <div ref={frame} className="jp-TracksideParallel" tabIndex={-1}>
      <div className="jp-TracksideParallel-axes" style={{ width: whole }}>
        {axes.map((axis, at) => (
          <div key={axis.id} style={{ left: SIDE + at * step }}>
            <IconButton
              icon={caretLeftIcon}
              label={trans.__('Move %1 to the left', axis.label)}
              onClick={() => onMove(axis.id, -1)}
            />
            <span title={axis.label} style={{ maxWidth: Math.max(40, step - 52) }}>
              {axis.label}
            </span>
            <IconButton
              icon={caretRightIcon}
              label={trans.__('Move %1 to the right', axis.label)}
              onClick={() => onMove(axis.id, 1)}
            />
          </div>
        ))}
      </div>
      <svg
        width={whole}
        height={bottom + NONE + 12}
        role="group"
        aria-label={trans.__('Parallel coordinates of %1 runs', runs.length)}
      >
        {order.map(at => {
          const run = runs[at];
          const look = looks.get(run.runId);
          const points = axes.map((axis, place) => `${SIDE + place * step},${yOf(axis, at)}`);
          const label = describeRun(run, at, axes, trans);
          const colour =
            colouring === 'run' && look ? seriesVariable(look.colour) : meritColour(run.merit);
          const states = [within[at] ? '' : 'jp-mod-out', at === focus ? 'jp-mod-focus' : ''].join(
            ' '
          );
          return (
            <g
              key={run.runId}
              className={`jp-TracksideParallel-run ${states}`}
              role="button"
              tabIndex={within[at] ? 0 : -1}
              aria-label={label}
              style={{ stroke: colour }}
              onPointerEnter={() => setFocus(at)}
              onPointerLeave={() => setFocus(null)}
              onFocus={() => setFocus(at)}
              onBlur={() => setFocus(null)}
              onClick={() => onOpen(run.runId)}
              onKeyDown={event => {
                if (event.key === 'Enter' || event.key === ' ') {
                  event.preventDefault();
                  onOpen(run.runId);
                }
              }}
            >
              <title>{label}</title>
              <polyline className="jp-mod-hit" points={points.join(' ')} />
              <polyline
                points={points.join(' ')}
                strokeDasharray={
                  colouring === 'run' && look ? DASHES[look.dash].join(' ') : undefined
                }
              />
            </g>
          );
        })}
        {axes.map((axis, at) => (
          <g key={axis.id} transform={`translate(${SIDE + at * step},0)`}>
            <line className="jp-TracksideParallel-axis" y1={TOP} y2={bottom} />
            {ticksOf(axis).map(({ place, text }) => (
              <text key={place} x={8} y={bottom - place * HEIGHT - 4}>
                {text.length > 14 ? `${text.slice(0, 13)}…` : text}
              </text>
            ))}
            {hasNone(axis) && (
              <text x={6} y={bottom + NONE + 4}>
                {trans.__('none, NaN')}
              </text>
            )}
            <BrushHandles
              axis={axis}
              top={TOP}
              height={HEIGHT}
              brush={brushes.get(axis.id) ?? null}
              onBrush={brush => onBrush(axis.id, brush)}
              trans={trans}
            />
          </g>
        ))}
      </svg>
      <p className="jp-TracksideCompare-dim" aria-live="polite">
        {focus !== null && runs[focus]
          ? describeRun(runs[focus], focus, axes, trans)
          : brushes.size > 0
            ? trans.__(
                '%1 of %2 runs lie within what is chosen.',
                within.filter(Boolean).length,
                runs.length
              )
            : trans.__(
                'Drag along an axis, or move its handles with the arrow keys, to choose runs.'
              )}
      </p>
    </div>
  );
}
