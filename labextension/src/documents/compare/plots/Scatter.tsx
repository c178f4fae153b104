import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { useWidth } from '../../../components/hooks';
import { type ISeriesLook, seriesVariable } from '../../../shared/chart/series';
import { type IAxis, canBeLog, placeOf, valueAt } from './axes';
import { type Colouring, describeRun, type IPlotRun, meritColour, ticksOf } from './rows';
import { number } from '../../../shared/format';

const HEIGHT = 300;
const LEFT = 72;
const BOTTOM = 28;
const PAD = 14;
const RADIUS = 6;

/** Runs by two quantities; each point opens its run. */
export function Scatter(props: {
  x: IAxis;
  y: IAxis;
  isLogX: boolean;
  isLogY: boolean;
  runs: readonly IPlotRun[];
  looks: ReadonlyMap<string, ISeriesLook>;
  colouring: Colouring;
  onOpen: (runId: string) => void;
  trans: TranslationBundle;
}): JSX.Element {
  const { x, y, runs, looks, colouring, onOpen, trans } = props;
  const isLogX = props.isLogX && canBeLog(x);
  const isLogY = props.isLogY && canBeLog(y);
  const [frame, width] = useWidth();
  const [focus, setFocus] = React.useState<number | null>(null);
  const points = React.useRef<SVGGElement>(null);
  const inner = Math.max(120, width - LEFT - 24);
  const placed = runs.flatMap((run, at) => {
    const across = placeOf(x, x.values[at], isLogX);
    const up = placeOf(y, y.values[at], isLogY);
    return across === null || up === null ? [] : [{ run, at, across, up }];
  });
  // From left to right, as the arrow keys go.
  placed.sort((one, two) => one.across - two.across || one.up - two.up);
  const current = Math.max(
    0,
    placed.findIndex(({ at }) => at === focus)
  );
  const xAt = (place: number): number => LEFT + PAD + place * (inner - 2 * PAD);
  const yAt = (place: number): number => HEIGHT - PAD - place * (HEIGHT - 2 * PAD) + 4;
  const onKeyDown = (event: React.KeyboardEvent, at: number): void => {
    const last = placed.length - 1;
    const targets: Record<string, number> = {
      ArrowRight: Math.min(last, at + 1),
      ArrowDown: Math.min(last, at + 1),
      ArrowLeft: Math.max(0, at - 1),
      ArrowUp: Math.max(0, at - 1),
      Home: 0,
      End: last
    };
    if (event.key in targets) {
      event.preventDefault();
      points.current?.querySelectorAll<SVGElement>('[role="button"]')[targets[event.key]].focus();
    } else if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      onOpen(placed[at].run.runId);
    }
  };
  return (
    <div ref={frame} className="jp-TracksideScatter">
      <svg
        width={LEFT + inner}
        height={HEIGHT + BOTTOM + 8}
        role="group"
        aria-label={trans.__('%1 by %2 of %3 runs', y.label, x.label, placed.length)}
      >
        <line className="jp-TracksideParallel-axis" x1={LEFT} x2={LEFT} y1={4} y2={HEIGHT + 4} />
        <line
          className="jp-TracksideParallel-axis"
          x1={LEFT}
          x2={LEFT + inner}
          y1={HEIGHT + 4}
          y2={HEIGHT + 4}
        />
        {scale(x, isLogX, inner < 420 ? 3 : 5).map(({ place, text }) => (
          <text key={place} x={xAt(place)} y={HEIGHT + BOTTOM - 4} textAnchor="middle">
            {text}
          </text>
        ))}
        {scale(y, isLogY, 5).map(({ place, text }) => (
          <text key={place} x={LEFT - 6} y={yAt(place) + 4} textAnchor="end">
            {text}
          </text>
        ))}
        <g ref={points}>
          {placed.map(({ run, at, across, up }, index) => {
            const look = looks.get(run.runId);
            const label = describeRun(run, at, [x, y], trans);
            return (
              <circle
                key={run.runId}
                className={`jp-TracksideScatter-point${at === focus ? ' jp-mod-focus' : ''}`}
                role="button"
                tabIndex={index === current ? 0 : -1}
                aria-label={label}
                cx={xAt(across)}
                cy={yAt(up)}
                r={RADIUS}
                style={{
                  fill:
                    colouring === 'run' && look
                      ? seriesVariable(look.colour)
                      : meritColour(run.merit)
                }}
                onPointerEnter={() => setFocus(at)}
                onFocus={() => setFocus(at)}
                onClick={() => onOpen(run.runId)}
                onKeyDown={event => onKeyDown(event, index)}
              >
                <title>{label}</title>
              </circle>
            );
          })}
        </g>
      </svg>
      <p className="jp-TracksideCompare-dim" aria-live="polite">
        {focus !== null && runs[focus]
          ? describeRun(runs[focus], focus, [x, y], trans)
          : placed.length < runs.length
            ? trans._n(
                '%1 run has no place here: it has no value, or NaN.',
                '%1 runs have no place here: they have no value, or NaN.',
                runs.length - placed.length
              )
            : trans.__('A point opens its run.')}
      </p>
    </div>
  );
}

function scale(axis: IAxis, isLog: boolean, most: number): { place: number; text: string }[] {
  if (axis.isCategorical || axis.high === axis.low) {
    return ticksOf(axis).map(({ place, text }) => ({
      place,
      text: text.length > 12 ? `${text.slice(0, 11)}…` : text
    }));
  }
  return Array.from({ length: most }, (_, at) => at / (most - 1)).map(place => ({
    place,
    text: number(valueAt(axis, place, isLog))
  }));
}
