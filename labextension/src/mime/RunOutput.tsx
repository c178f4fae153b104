import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import { explain } from '../api/request';
import type { IRun } from '../api/types';
import { CommandIDs, DATA_RUN } from '../commands';
import { Action, OpenArrow } from '../shared/Action';
import { useNow } from '../shared/clock';
import { ago, duration, moment, number } from '../shared/format';
import { StateIcon } from '../shared/StateIcon';
import { stateLook } from '../shared/states';
import type { IModelChange, ITracksideModel } from '../tokens';
import { Fallback } from './Fallback';
import { isGone } from './live';

/** Most metrics that the output of a run shows. */
const SHOWN = 6;

/** A run that no job stands behind: its state and last metrics. */
export function RunOutput(props: {
  model: ITracksideModel;
  runId: string;
  commands: CommandRegistry;
  fallback: string;
}): JSX.Element {
  const { model, runId, commands, fallback } = props;
  const { trans } = model;
  const [run, problem] = useRun(model, runId);
  const now = useNow(run?.info.status === 'RUNNING');
  if (!run) {
    return <Fallback html={fallback} sentence={problem} />;
  }
  const { info } = run;
  const look = stateLook(info.status, trans);
  const open = (): void =>
    void commands.execute(CommandIDs.openRun, { run_id: runId, name: info.run_name });
  return (
    <section
      className="jp-TracksideCard"
      aria-label={trans.__('Run %1', info.run_name)}
      {...{ [DATA_RUN]: runId }}
    >
      <div className="jp-TracksideCard-head">
        <span className="jp-TracksideCard-state">
          <StateIcon state={info.status} />
          {look.label}
        </span>
        <button type="button" className="jp-TracksideCard-name" onClick={open}>
          {info.run_name}
        </button>
        <span className="jp-TracksideCard-facts">
          <span>{duration((info.end_time ?? now) - info.start_time, trans)}</span>
          <span className="jp-TracksideCard-dim" title={moment(info.start_time)}>
            {ago(info.end_time ?? info.start_time, now, trans)}
          </span>
        </span>
        <span className="jp-TracksideCard-actions">
          <Action label={trans.__('Open')} icon={<OpenArrow />} onClick={open} />
        </span>
      </div>
      {run.metrics.size > 0 && (
        <div className="jp-TracksideCard-metrics">
          {[...run.metrics.values()].slice(0, SHOWN).map(metric => (
            <span key={metric.key} className="jp-TracksideCard-metric">
              <span className="jp-TracksideCard-key">{metric.key}</span>
              <span className="jp-TracksideCard-value">{number(metric.value)}</span>
            </span>
          ))}
        </div>
      )}
    </section>
  );
}

function useRun(model: ITracksideModel, runId: string): [IRun | null, string] {
  const [run, setRun] = React.useState<IRun | null>(null);
  const [problem, setProblem] = React.useState('');
  React.useEffect(() => {
    let isCurrent = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const load = async (): Promise<void> => {
      timer = undefined;
      try {
        const found = await model.trackingApi.run(runId);
        if (isCurrent) {
          setRun(found);
          setProblem('');
        }
      } catch (error) {
        if (isCurrent) {
          setProblem(
            isGone(error)
              ? model.trans.__('This run is no longer on the server.')
              : explain(error, model.trans)
          );
        }
      }
    };
    const onChanged = (_: unknown, change: IModelChange): void => {
      if (change.reset || change.runs.some(changed => changed.run_id === runId)) {
        timer ??= setTimeout(() => void load(), 500);
      }
    };
    void load();
    model.changed.connect(onChanged);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
      model.changed.disconnect(onChanged);
    };
  }, [model, runId]);
  return [run, problem];
}
