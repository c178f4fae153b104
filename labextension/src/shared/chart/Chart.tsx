import * as React from 'react';

import { Action } from '../Action';
import { useTrans } from '../trans-context';
import type { ICurve } from './curve';
import { omissionText, summaryText } from './describe';
import { Plot, type IPlotLook, type IReading } from './plot';
import { IN_TITLE, Readout, ReadTable } from './Readout';
import { onThemeChange } from './theme';

export interface IChartProps extends IPlotLook {
  title: string;
  curves: readonly ICurve[];
  /** The id of the curve that is to stand out. */
  focus?: string | null;
  /** The stretch of the horizontal axis that is shown, when it is not everything. */
  zoom: readonly [number, number] | null;
  /** Called with the stretch that somebody wants to see. */
  onZoom: (range: [number, number] | null) => void;
  height?: number;
  /** What can be done with the chart, beside its title; gets the picture as it is drawn. */
  actions?: (canvas: () => HTMLCanvasElement | null) => React.ReactNode;
}

/** How much a key looks closer. */
const CLOSER = 0.5;

/** Curves over steps or time: zoom by dragging or with + and −, read by pointing or with the arrow keys. */
export function Chart(props: IChartProps): JSX.Element {
  const { title, curves, axis, isLog, smoothing, syncKey, zoom, onZoom, height = 208 } = props;
  const { focus = null, actions, format } = props;
  const trans = useTrans();
  const host = React.useRef<HTMLDivElement>(null);
  const plot = React.useRef<Plot | null>(null);
  const latest = React.useRef({ curves, zoom, focus, onZoom });
  latest.current = { curves, zoom, focus, onZoom };
  const [reading, setReading] = React.useState<IReading | null>(null);

  React.useEffect(() => {
    const created = new Plot(
      host.current!,
      { axis, isLog, smoothing, syncKey, format },
      { onRead: setReading, onZoom: range => latest.current.onZoom(range) },
      height
    );
    plot.current = created;
    created.setZoom(latest.current.zoom);
    created.setFocus(latest.current.focus);
    created.setCurves(latest.current.curves);
    const stop = onThemeChange(() => created.repaint());
    return () => {
      stop();
      created.dispose();
    };
  }, [axis, isLog, smoothing, syncKey, format, height]);

  React.useEffect(() => plot.current?.setZoom(zoom), [zoom]);
  React.useEffect(() => plot.current?.setCurves(curves), [curves]);
  React.useEffect(() => plot.current?.setFocus(focus), [focus]);

  const onKeyDown = (event: React.KeyboardEvent): void => {
    const keys: Record<string, () => void> = {
      ArrowRight: () => plot.current?.step(event.shiftKey ? 10 : 1),
      ArrowLeft: () => plot.current?.step(event.shiftKey ? -10 : -1),
      Home: () => plot.current?.step(-Infinity),
      End: () => plot.current?.step(Infinity),
      '+': () => plot.current?.scale(CLOSER),
      '=': () => plot.current?.scale(CLOSER),
      '-': () => plot.current?.scale(1 / CLOSER),
      Escape: () => onZoom(null)
    };
    const isMeant = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (isMeant && event.key in keys && !(event.key === 'Escape' && !zoom)) {
      event.preventDefault();
      event.stopPropagation();
      keys[event.key]();
    }
  };
  const summary = React.useMemo(() => summaryText(title, curves, trans), [title, curves, trans]);
  const omission = React.useMemo(() => omissionText(curves, isLog, trans), [curves, isLog, trans]);
  // The crosshair is shared; the table stands only where somebody reads.
  const isRead = host.current?.matches(':hover, :focus') ?? false;
  return (
    <figure className="jp-TracksideChart">
      <figcaption className="jp-TracksideChart-title">
        <span className="jp-TracksideChart-name" title={title}>
          {title}
        </span>
        <Readout curves={curves} reading={reading} axis={axis} format={format} />
        {zoom && <Action label={trans.__('Show all')} onClick={() => onZoom(null)} />}
        {actions?.(() => plot.current?.canvas ?? null)}
      </figcaption>
      <div
        ref={host}
        className="jp-TracksideChart-plot"
        style={{ height }}
        role="img"
        aria-label={summary}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onBlur={() => plot.current?.leave()}
      />
      {reading && isRead && curves.length > IN_TITLE && (
        <ReadTable curves={curves} reading={reading} axis={axis} format={format} />
      )}
      <p className="jp-TracksideChart-note" title={omission || undefined}>
        {omission}
      </p>
    </figure>
  );
}
