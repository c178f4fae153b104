import * as React from 'react';

import { Action, OpenArrow } from '../Action';
import { useNow } from '../clock';
import { ago, number } from '../format';
import { Sparkline } from '../Sparkline';
import { startWords } from '../startwords';
import { StateIcon } from '../StateIcon';
import { stateLook } from '../states';
import { useTrans } from '../trans-context';
import type { IListedRun } from './rows';

/** Most metrics and params that a card shows. */
const METRICS = 6;
const PARAMS = 8;

export interface IRunCardProps {
  run: IListedRun;
  /** The names of the metrics, the most telling first. */
  metrics: readonly string[];
  /** Small curves, by the name of the metric. */
  curves: Readonly<Record<string, readonly number[]>>;
  onOpen?: () => void;
  /** The charts, drawn while they are unfolded. */
  renderCharts?: () => React.ReactNode;
  /** Something to know about what is shown. */
  notice?: string;
  /** Attributes for the element, such as those that the context menu looks for. */
  attributes?: Record<string, string>;
}

/** A run: its state, last metrics with their curves, params, and charts on demand. */
export function RunCard(props: IRunCardProps): JSX.Element {
  const { run, metrics, curves, onOpen, renderCharts, notice } = props;
  const trans = useTrans();
  const isLive = run.status === 'RUNNING';
  const now = useNow(isLive);
  const [hasCharts, setCharts] = React.useState(false);
  const look = stateLook(run.status, trans);
  const params = Object.entries(run.params);
  const start = startWords(run.status, run.start_time, run.end_time, now, trans);
  return (
    <section
      className="jp-TracksideCard"
      aria-label={trans.__('Run %1', run.run_name)}
      data-state={run.status}
      {...props.attributes}
    >
      <div className="jp-TracksideCard-head">
        <span
          className={`jp-TracksideCard-state jp-mod-${look.tone}`}
          title={start.isQueued ? start.full : undefined}
        >
          <StateIcon state={run.status} />
          {look.label}
        </span>
        {onOpen ? (
          <button type="button" className="jp-TracksideCard-name" onClick={onOpen}>
            {run.run_name}
          </button>
        ) : (
          <span className="jp-TracksideCard-name">{run.run_name}</span>
        )}
        <span className="jp-TracksideCard-facts">
          <span>{start.took}</span>
          {!start.isQueued && (
            <span className="jp-TracksideCard-dim" title={start.full}>
              {run.end_time === null ? start.text : ago(run.end_time, now, trans)}
            </span>
          )}
        </span>
        <span className="jp-TracksideCard-actions">
          {renderCharts && metrics.length > 0 && (
            <Action
              label={hasCharts ? trans.__('Hide charts') : trans.__('Charts')}
              expanded={hasCharts}
              onClick={() => setCharts(!hasCharts)}
            />
          )}
          {onOpen && <Action label={trans.__('Open')} icon={<OpenArrow />} onClick={onOpen} />}
        </span>
      </div>
      {metrics.length > 0 && (
        <div className="jp-TracksideCard-metrics">
          {metrics.slice(0, METRICS).map(key => (
            <span key={key} className="jp-TracksideCard-metric">
              <span className="jp-TracksideCard-key" title={key}>
                {key}
              </span>
              <span className="jp-TracksideCard-value">{number(run.metrics[key])}</span>
              <Sparkline values={curves[key] ?? []} />
            </span>
          ))}
          <More names={metrics.slice(METRICS)} />
        </div>
      )}
      {params.length > 0 && (
        <div className="jp-TracksideCard-params">
          {params.slice(0, PARAMS).map(([key, value]) => (
            <span key={key} title={`${key} = ${value}`}>
              <span className="jp-TracksideCard-dim">{key}</span> {value}
            </span>
          ))}
          <More names={params.slice(PARAMS).map(([key]) => key)} />
        </div>
      )}
      {hasCharts && renderCharts && <div className="jp-TracksideCard-fold">{renderCharts()}</div>}
      {notice && <p className="jp-TracksideCard-notice">{notice}</p>}
      <span className="jp-TracksideHidden" role="status">
        {`${run.run_name}: ${look.label}.`}
      </span>
    </section>
  );
}

function More(props: { names: readonly string[] }): JSX.Element | null {
  const { names } = props;
  const trans = useTrans();
  return names.length > 0 ? (
    <span className="jp-TracksideCard-dim" title={names.join('\n')}>
      {trans.__('+%1 more', names.length)}
    </span>
  ) : null;
}
