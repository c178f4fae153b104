import * as React from 'react';

import { Action } from '../Action';
import { useTrans } from '../trans-context';
import type { ICurve } from './curve';
import { omissionText, summaryText } from './describe';
import { Plot, type IPlotLook, type IReading } from './plot';
import { Readout } from './Readout';
import { onThemeChange } from './theme';

export interface IChartProps extends IPlotLook {
  title: string;
  curves: readonly ICurve[];
  /** The stretch of the horizontal axis that is shown, when it is not everything. */
  zoom: readonly [number, number] | null;
  /** Called with the stretch that somebody wants to see. */
  onZoom: (range: [number, number] | null) => void;
  height?: number;
}

/** Curves over steps or time: zoom by dragging, read by pointing or with the arrow keys. */
export function Chart(props: IChartProps): JSX.Element {
  const { title, curves, axis, isLog, smoothing, syncKey, zoom, onZoom, height = 208 } = props;
  const trans = useTrans();
  const host = React.useRef<HTMLDivElement>(null);
  const plot = React.useRef<Plot | null>(null);
  const latest = React.useRef({ curves, zoom, onZoom });
  latest.current = { curves, zoom, onZoom };
  const [reading, setReading] = React.useState<IReading | null>(null);

  React.useEffect(() => {
    const created = new Plot(
      host.current!,
      { axis, isLog, smoothing, syncKey },
      { onRead: setReading, onZoom: range => latest.current.onZoom(range) },
      height
    );
    plot.current = created;
    created.setZoom(latest.current.zoom);
    created.setCurves(latest.current.curves);
    const stop = onThemeChange(() => created.repaint());
    return () => {
      stop();
      created.dispose();
    };
  }, [axis, isLog, smoothing, syncKey, height]);

  React.useEffect(() => plot.current?.setZoom(zoom), [zoom]);
  React.useEffect(() => plot.current?.setCurves(curves), [curves]);

  const onKeyDown = (event: React.KeyboardEvent): void => {
    const keys: Record<string, () => void> = {
      ArrowRight: () => plot.current?.step(event.shiftKey ? 10 : 1),
      ArrowLeft: () => plot.current?.step(event.shiftKey ? -10 : -1),
      Home: () => plot.current?.step(-Infinity),
      End: () => plot.current?.step(Infinity),
      Escape: () => onZoom(null)
    };
    if (event.key in keys && !(event.key === 'Escape' && !zoom)) {
      event.preventDefault();
      event.stopPropagation();
      keys[event.key]();
    }
  };
  const omission = omissionText(curves, isLog, trans);
  return (
    <figure className="jp-TracksideChart">
      <figcaption className="jp-TracksideChart-title">
        <span className="jp-TracksideChart-name" title={title}>
          {title}
        </span>
        <Readout curves={curves} reading={reading} axis={axis} />
        {zoom && <Action label={trans.__('Show all')} onClick={() => onZoom(null)} />}
      </figcaption>
      <div
        ref={host}
        className="jp-TracksideChart-plot"
        style={{ height }}
        role="img"
        aria-label={summaryText(title, curves, trans)}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onBlur={() => plot.current?.leave()}
      />
      {omission && <p className="jp-TracksideChart-note">{omission}</p>}
    </figure>
  );
}
