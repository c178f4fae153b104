import * as React from 'react';

import type { IJob } from '../../api/types';
import { Action, OpenArrow } from '../Action';
import { useNow } from '../clock';
import { clock } from '../format';
import { isLive, stateLook } from '../states';
import { useTrans } from '../trans-context';
import {
  nextStep,
  provenance,
  sentence,
  silence,
  type ICardDetails,
  type INextStep
} from './facts';
import { Head } from './Head';
import { Metrics } from './Metrics';
import { Traceback } from './Traceback';

/** Jobs that ran longer are stopped only after asking once more. */
const CONFIRM_AFTER = 10 * 60_000;

/** What a card can do; what is absent is not offered. An action that fails rejects with a sentence. */
export interface ICardActions {
  cancel?(): Promise<unknown>;
  /** Start the same code again; resolves to the name of the new job. */
  rerun?(overrides: INextStep['overrides']): Promise<string>;
  /** Open the run, or the one of that job. */
  open?(job?: string): void;
  openSource?(): void;
}

export interface ICardProps {
  job: IJob;
  actions: ICardActions;
  details?: ICardDetails | null;
  /** Curves by metric; the job's own sparkline stands in for the main one. */
  sparklines?: Readonly<Record<string, readonly number[]>>;
  /** The name of the place where it runs. */
  machine?: string;
  /** Something to know about what is shown, such as that the server is away. */
  notice?: string;
  /** The log, drawn while it is unfolded. */
  renderLog?: () => React.ReactNode;
  /** Attributes for the element, such as those that the context menu looks for. */
  attributes?: Record<string, string>;
}

type Fold = 'log' | 'traceback' | null;

/** The live output of a job. */
export function Card(props: ICardProps): JSX.Element {
  const { job, actions, details = null, notice, renderLog, attributes } = props;
  const trans = useTrans();
  const live = isLive(job.state);
  const now = useNow(live || recent(job));
  const [fold, setFold] = React.useState<Fold>(null);
  const [said, setSaid] = React.useState<{ text: string; job?: string } | null>(null);
  const toggle = (what: Fold) => () => setFold(fold === what ? null : what);
  const attempt = async (action: () => Promise<unknown>): Promise<void> => {
    try {
      setSaid(null);
      await action();
    } catch (error) {
      setSaid({ text: error instanceof Error ? error.message : String(error) });
    }
  };
  const rerun = (overrides: INextStep['overrides']) => () =>
    attempt(async () => {
      const name = await actions.rerun!(overrides);
      setSaid(name ? { text: trans.__('Runs again as %1.', name), job: name } : null);
    });
  const ran = job.started_at === null ? 0 : now - job.started_at;
  const more = nextStep(job, trans);
  const failure = details?.failure ?? null;
  const why = sentence(job, trans);
  const quiet = silence(job);
  const origin = provenance(details, trans);

  return (
    <section
      className="jp-TracksideCard"
      aria-label={trans.__('Job %1', job.name)}
      data-state={job.state}
      {...attributes}
    >
      <Head
        job={job}
        now={now}
        machine={props.machine}
        onOpen={actions.open && (() => actions.open!())}
      >
        {live && actions.cancel && (
          <Action
            label={job.state === 'QUEUED' ? trans.__('Cancel') : trans.__('Stop')}
            confirm={ran > CONFIRM_AFTER ? trans.__('Stop after %1?', clock(ran)) : undefined}
            onClick={() => attempt(actions.cancel!)}
          />
        )}
        {failure?.traceback && (
          <Action
            label={fold === 'traceback' ? trans.__('Hide traceback') : trans.__('Show traceback')}
            expanded={fold === 'traceback'}
            onClick={toggle('traceback')}
          />
        )}
        {(job.state !== 'QUEUED' || job.log_size > 0) && renderLog && (
          <Action label={trans.__('Log')} expanded={fold === 'log'} onClick={toggle('log')} />
        )}
        {!live && actions.rerun && more && (
          <Action label={more.label} strong onClick={rerun(more.overrides)} />
        )}
        {!live && actions.rerun && !more && (
          <Action label={trans.__('Run again')} onClick={rerun({})} />
        )}
        {actions.open && (
          <Action label={trans.__('Open')} icon={<OpenArrow />} onClick={() => actions.open!()} />
        )}
      </Head>
      {why && <p className={`jp-TracksideCard-why jp-mod-${stateLook(job.state).tone}`}>{why}</p>}
      <Metrics job={job} now={now} sparklines={props.sparklines} />
      {job.last_line && fold !== 'log' && job.reason?.code !== 'EXCEPTION' && (
        <div className="jp-TracksideCard-last" title={job.last_line}>
          {job.last_line}
        </div>
      )}
      {quiet && <p className="jp-TracksideCard-dim jp-TracksideCard-quiet">{quiet}</p>}
      {(job.source || origin.length > 0) && (
        <div className="jp-TracksideCard-origin">
          {job.source &&
            (actions.openSource ? (
              <button type="button" className="jp-TracksideLink" onClick={actions.openSource}>
                {job.source.label}
              </button>
            ) : (
              <span>{job.source.label}</span>
            ))}
          {origin.map(part => (
            <span key={part}>{part}</span>
          ))}
        </div>
      )}
      {fold === 'traceback' && failure && <Traceback failure={failure} />}
      {fold === 'log' && renderLog && <div className="jp-TracksideCard-fold">{renderLog()}</div>}
      {said && (
        <p className="jp-TracksideCard-said" role="status">
          {said.text}{' '}
          {said.job && actions.open && (
            <Action
              label={trans.__('Open')}
              icon={<OpenArrow />}
              onClick={() => actions.open!(said.job)}
            />
          )}
        </p>
      )}
      {notice && <p className="jp-TracksideCard-notice">{notice}</p>}
      <span className="jp-TracksideHidden" role="status">
        {`${job.name}: ${stateLook(job.state, trans).label}. ${live ? '' : why}`}
      </span>
    </section>
  );
}

/** Whether “12 s ago” still changes by the second or so. */
function recent(job: IJob): boolean {
  return job.ended_at !== null && Date.now() - job.ended_at < 60_000;
}
