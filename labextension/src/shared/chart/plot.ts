import uPlot from 'uplot';

import { align, traceOf, type ICurve, type ITrace, type XAxis } from './curve';
import { paintOdd } from './odd';
import { steadyRange } from './range';
import { DASHES } from './series';
import { smooth } from './smooth';
import { readPalette, type IPalette } from './theme';
import { increments, xLabel, yLabel } from './ticks';

/** How a chart is to be drawn. */
export interface IPlotLook {
  axis: XAxis;
  isLog: boolean;
  /** 0 draws what was logged; nearer to 1 is smoother. */
  smoothing: number;
  /** Charts with the same key share the crosshair. */
  syncKey: string;
  /** Writes values; numbers with as many digits as matter if absent. */
  format?: (value: number) => string;
}

/**
 * What stands under the crosshair, for each curve: its value, `null` where there is none, and
 * `undefined` behind the end of the curve.
 */
export interface IReading {
  x: number;
  values: (number | null | undefined)[];
  smoothed: (number | null | undefined)[] | null;
  /** The place in the width of the chart, from 0 to 1. */
  share: number;
}

/** Up to so many curves have a dot under the crosshair: each is an element that moves in every chart. */
const MOST_DOTS = 6;

/** How faint curves are while another one is looked at. */
const FAINT = 0.15;

/** How faint what was logged is behind its smoothed curve. */
const RAW = 0.3;

/** Who listens to a chart. */
export interface IPlotListener {
  onRead(reading: IReading | null): void;
  onZoom(range: [number, number] | null): void;
}

/** A uPlot that draws curves, each raw and (when asked for) smoothed on top. */
export class Plot {
  constructor(
    private readonly host: HTMLElement,
    private readonly look: IPlotLook,
    private readonly listener: IPlotListener,
    private readonly height: number
  ) {
    this.palette = readPalette(host);
    this.resizer = new ResizeObserver(() => this.resize());
    this.resizer.observe(host);
  }

  /** Draw these curves. */
  setCurves(curves: readonly ICurve[]): void {
    const { axis, isLog, smoothing } = this.look;
    const isSmooth = smoothing > 0;
    const traces: ITrace[] = curves.flatMap(curve => {
      const raw = traceOf(curve, axis, isLog);
      return isSmooth ? [raw, { xs: raw.xs, ys: smooth(raw.ys, smoothing) }] : [raw];
    });
    const { xs, columns } = align(traces);
    const isSameLook =
      curves.length === this.curves.length &&
      curves.every((curve, at) => looksLike(curve, this.curves[at]));
    this.curves = curves;
    this.data = [xs, ...columns] as uPlot.AlignedData;
    this.ends = columns.map(lastPlace);
    if (!this.plot || !isSameLook) {
      this.create();
      return;
    }
    this.plot.setData(this.data, false);
    this.rescale();
  }

  /** Make one curve stand out, or none. */
  setFocus(id: string | null): void {
    if (id !== this.focus) {
      this.focus = id;
      this.fade();
    }
  }

  /** The picture as it is drawn. */
  get canvas(): HTMLCanvasElement | null {
    return this.plot?.ctx.canvas ?? null;
  }

  /** Look at less (below 1) or more (above 1) of the horizontal axis, around the crosshair. */
  scale(by: number): void {
    const { plot } = this;
    const xs = this.data[0];
    if (!plot || xs.length < 2) {
      return;
    }
    const [low, high] = this.extent();
    const { idx } = plot.cursor;
    const at = idx === null || idx === undefined ? (low + high) / 2 : xs[idx];
    const from = Math.max(xs[0], at - (at - low) * by);
    const to = Math.min(xs[xs.length - 1], at + (high - at) * by);
    this.listener.onZoom(from <= xs[0] && to >= xs[xs.length - 1] ? null : [from, to]);
  }

  /** Show a stretch, or everything. */
  setZoom(range: readonly [number, number] | null): void {
    if (range?.[0] !== this.zoom?.[0] || range?.[1] !== this.zoom?.[1]) {
      this.zoom = range;
      this.yRange = null;
      this.rescale();
    }
  }

  /** Move the crosshair to the next or previous point, or to an end. */
  step(by: number): void {
    const { plot } = this;
    const xs = plot?.data[0];
    if (!plot || !xs || xs.length === 0) {
      return;
    }
    const [low, high] = this.extent();
    const at = plot.cursor.idx ?? (by > 0 ? -1 : xs.length);
    let index = Math.min(xs.length - 1, Math.max(0, at + by));
    while (index > 0 && xs[index] > high) {
      index -= 1;
    }
    while (index < xs.length - 1 && xs[index] < low) {
      index += 1;
    }
    plot.setCursor({ left: plot.valToPos(xs[index], 'x'), top: this.height / 3 }, true);
  }

  /** Take the crosshair away. */
  leave(): void {
    this.plot?.setCursor({ left: -10, top: -10 }, true);
  }

  /** Read the colours again. */
  repaint(): void {
    this.palette = readPalette(this.host);
    this.plot?.redraw(true, true);
  }

  dispose(): void {
    this.resizer.disconnect();
    this.plot?.destroy();
    this.plot = null;
  }

  private create(): void {
    this.plot?.destroy();
    this.plot = null;
    if (this.host.clientWidth > 0) {
      this.plot = new uPlot(this.options(), this.data, this.host);
      this.rescale();
      this.fade();
    }
  }

  private fade(): void {
    const { plot, focus } = this;
    if (!plot || !(focus !== null || this.isFaded)) {
      return;
    }
    this.isFaded = focus !== null && this.curves.some(curve => curve.id === focus);
    const stride = this.stride;
    this.curves.forEach((curve, at) => {
      const isFaint = this.isFaded && curve.id !== focus;
      for (let part = 0; part < stride; part++) {
        const full = stride === 2 && part === 0 ? RAW : 1;
        plot.series[1 + at * stride + part].alpha = isFaint ? full * FAINT : full;
      }
    });
    plot.redraw(false, false);
  }

  private get stride(): number {
    return this.look.smoothing > 0 ? 2 : 1;
  }

  private resize(): void {
    const width = this.host.clientWidth;
    if (width > 0 && !this.plot && this.curves.length > 0) {
      this.create();
    } else if (width > 0) {
      this.plot?.setSize({ width, height: this.height });
    }
  }

  private rescale(): void {
    if (this.plot && this.data[0].length > 0) {
      const [min, max] = this.extent();
      this.plot.setScale('x', { min, max });
    }
  }

  private extent(): [number, number] {
    const xs = this.data[0];
    const [low, high] = this.zoom ?? [xs[0], xs[xs.length - 1]];
    return low < high ? [low, high] : [low - 0.5, high + 0.5];
  }

  private options(): uPlot.Options {
    const { axis, isLog, syncKey, format = yLabel } = this.look;
    const incrs = increments(axis);
    const grid = { stroke: () => this.palette.line, width: 1 };
    const common = {
      stroke: () => this.palette.dim,
      font: this.palette.font,
      grid,
      ticks: { show: false }
    };
    return {
      width: this.host.clientWidth,
      height: this.height,
      padding: [8, 12, 0, 0],
      legend: { show: false },
      scales: {
        x: { time: axis === 'time', auto: false },
        y: {
          distr: isLog ? 3 : 1,
          range: (_plot, low, high) => this.rangeOf(low, high)
        }
      },
      axes: [
        {
          ...common,
          size: 28,
          gap: 4,
          incrs,
          values:
            axis === 'time' ? undefined : (_plot, splits) => splits.map(at => xLabel(at, axis))
        },
        {
          ...common,
          size: this.look.format ? 66 : 56,
          gap: 6,
          values: (_plot, splits) => splits.map(at => (at === null ? '' : format(at)))
        }
      ],
      series: [{}, ...this.curves.flatMap(curve => this.seriesOf(curve))],
      cursor: {
        sync: {
          key: syncKey,
          setSeries: false,
          scales: ['x', null],
          // The crosshair is shared here; what is zoomed into, by who owns the charts.
          filters: { pub: isMove, sub: isMove }
        },
        drag: { x: true, y: false, setScale: false, dist: 5 },
        points: { size: 6, show: this.curves.length <= MOST_DOTS },
        bind: { dblclick: () => () => (this.listener.onZoom(null), null) },
        y: false
      },
      hooks: {
        setSelect: [plot => this.onSelect(plot)],
        setCursor: [plot => this.onCursor(plot)],
        draw: [plot => paintOdd(plot, this.curves, this.look, this.palette)]
      }
    };
  }

  private seriesOf(curve: ICurve): uPlot.Series[] {
    const stroke = (): string => this.palette.series(curve.colour);
    const points = { show: true, filter: lonely };
    const dash = [...DASHES[curve.dash ?? 0]];
    if (this.look.smoothing === 0) {
      return [{ stroke, width: 1.5, dash, points }];
    }
    return [
      { stroke, width: 1, alpha: RAW, points },
      { stroke, width: 1.75, dash, points: { show: false } }
    ];
  }

  private rangeOf(low: number | null, high: number | null): [number, number] {
    if (low === null || high === null) {
      return this.look.isLog ? [0.1, 1] : [0, 1];
    }
    this.yRange = steadyRange(low, high, this.yRange, this.look.isLog);
    return this.yRange;
  }

  private onSelect(plot: uPlot): void {
    const { left, width } = plot.select;
    if (width < 4) {
      return;
    }
    const range: [number, number] = [plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')];
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.listener.onZoom(range);
  }

  private onCursor(plot: uPlot): void {
    const { idx, left } = plot.cursor;
    if (idx === null || idx === undefined || left === undefined || left < 0) {
      this.listener.onRead(null);
      return;
    }
    const { stride } = this;
    const at = (series: number): number | null | undefined =>
      idx > this.ends[series - 1] ? undefined : nearest(plot.data[series], idx);
    const columns = this.curves.map((_, index) => 1 + index * stride);
    this.listener.onRead({
      x: plot.data[0][idx],
      values: columns.map(at),
      smoothed: stride === 2 ? columns.map(column => at(column + 1)) : null,
      share: left / plot.over.clientWidth
    });
  }

  private plot: uPlot | null = null;
  private data: uPlot.AlignedData = [[]];
  private curves: readonly ICurve[] = [];
  /** Where each column has its last point. */
  private ends: number[] = [];
  private focus: string | null = null;
  private isFaded = false;
  private palette: IPalette;
  private zoom: readonly [number, number] | null = null;
  private yRange: [number, number] | null = null;
  private readonly resizer: ResizeObserver;
}

function isMove(type: string): boolean {
  return type === 'mousemove' || type === 'mouseleave';
}

/** The points that a line would not show: one alone, or alone between two gaps. */
function lonely(plot: uPlot, series: number): number[] {
  const column = plot.data[series];
  const found: number[] = [];
  let start = 0;
  let length = 0;
  for (let at = 0; at <= column.length; at++) {
    const value = at < column.length ? column[at] : null;
    if (value === null) {
      if (length === 1) {
        found.push(start);
      }
      length = 0;
    } else if (value !== undefined) {
      start = length === 0 ? at : start;
      length += 1;
    }
  }
  return found;
}

/** The value at a place, or the last one before it; nothing before the first. */
function nearest(column: uPlot.AlignedData[number], index: number): number | null | undefined {
  for (let at = index; at >= 0; at--) {
    const value = column[at];
    if (value !== undefined) {
      return value;
    }
  }
  return undefined;
}

/** The last place where a column has a point or a gap. */
function lastPlace(column: readonly unknown[]): number {
  let at = column.length - 1;
  while (at >= 0 && column[at] === undefined) {
    at -= 1;
  }
  return at;
}

function looksLike(one: ICurve, other: ICurve): boolean {
  return one.colour === other.colour && (one.dash ?? 0) === (other.dash ?? 0);
}
