import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import {
  areaUnder,
  type IConfusion,
  type IRocPoint,
  readConfusion,
  readRoc
} from '../../pipelines/classification';
import { number } from '../../shared/format';

/** The side of a ROC curve, and the room for its labels. */
const SIDE = 180;
const ROOM = 26;

/** Most shade of a cell; more would make its number hard to read. */
const MOST_SHADE = 40;

/** The ROC curve and the confusion matrix of an artifact. */
export function Classification(props: {
  metadata: Record<string, unknown>;
  trans: TranslationBundle;
}): JSX.Element {
  const { metadata, trans } = props;
  const roc = React.useMemo(() => readRoc(metadata), [metadata]);
  const confusion = React.useMemo(() => readConfusion(metadata), [metadata]);
  return roc.length || confusion ? (
    <>
      {roc.length > 0 && <Roc points={roc} trans={trans} />}
      {confusion && <Confusion confusion={confusion} trans={trans} />}
    </>
  ) : (
    <p className="jp-TracksideDoc-note">{trans.__('Nothing was logged.')}</p>
  );
}

function Roc(props: { points: readonly IRocPoint[]; trans: TranslationBundle }): JSX.Element {
  const { points, trans } = props;
  const x = (value: number): number => ROOM + value * SIDE;
  const y = (value: number): number => 6 + (1 - value) * SIDE;
  const line = [
    [0, 0],
    ...points.map(point => [point.falsePositives, point.truePositives]),
    [1, 1]
  ];
  const area = number(areaUnder(points));
  return (
    <figure className="jp-TracksideRoc">
      <svg
        viewBox={`0 0 ${SIDE + ROOM + 8} ${SIDE + ROOM + 6}`}
        role="img"
        aria-label={trans.__(
          'ROC curve through %1 points; the area under it is %2',
          points.length,
          area
        )}
      >
        <path className="jp-TracksideRoc-axis" d={`M${x(0)} ${y(1)}V${y(0)}H${x(1)}`} />
        <path className="jp-TracksideRoc-chance" d={`M${x(0)} ${y(0)}L${x(1)} ${y(1)}`} />
        <path
          className="jp-TracksideRoc-line"
          d={`M${line.map(([across, up]) => `${x(across).toFixed(1)} ${y(up).toFixed(1)}`).join('L')}`}
        />
        {points.map((point, at) => (
          <circle
            key={at}
            className="jp-TracksideRoc-point"
            cx={x(point.falsePositives)}
            cy={y(point.truePositives)}
            r="5"
          >
            <title>
              {trans.__(
                'threshold %1: %2 of the positives found, %3 of the negatives taken for positives',
                number(point.threshold),
                number(point.truePositives),
                number(point.falsePositives)
              )}
            </title>
          </circle>
        ))}
        <text x={x(0.5)} y={SIDE + ROOM + 2} textAnchor="middle">
          {trans.__('false positive rate')}
        </text>
        <text transform={`translate(12 ${y(0.5)}) rotate(-90)`} textAnchor="middle">
          {trans.__('true positive rate')}
        </text>
      </svg>
      <figcaption>{trans.__('ROC curve, area %1', area)}</figcaption>
    </figure>
  );
}

function Confusion(props: { confusion: IConfusion; trans: TranslationBundle }): JSX.Element {
  const { names, rows } = props.confusion;
  const { trans } = props;
  const most = Math.max(1, ...rows.flat().filter(Number.isFinite));
  return (
    <div
      className="jp-TracksideConfusion"
      tabIndex={0}
      role="group"
      aria-label={trans.__('Confusion matrix')}
    >
      <table>
        <caption>
          {trans.__('Confusion matrix: a row for what is, a column for what was said')}
        </caption>
        <thead>
          <tr>
            <td />
            {names.map((name, at) => (
              <th key={at} scope="col" title={name}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            <tr key={at}>
              <th scope="row" title={names[at]}>
                {names[at]}
              </th>
              {row.map((value, index) => (
                <td
                  key={index}
                  className={index === at ? 'jp-mod-right' : undefined}
                  style={
                    {
                      '--jp-trackside-heat': `${Math.round((value / most) * MOST_SHADE)}%`
                    } as React.CSSProperties
                  }
                >
                  {number(value)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
