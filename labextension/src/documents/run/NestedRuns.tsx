import * as React from 'react';

import type { IRun } from '../../api/types';
import { CommandIDs, DATA_RUN } from '../../commands';
import { Action } from '../../shared/Action';
import { duration, moment, number } from '../../shared/format';
import { StateIcon } from '../../shared/StateIcon';
import type { IRunContext } from './context';
import { Section } from './Facts';
import { useFetched, useThrottled } from './hooks';

/** How many runs are listed at first and with each step, and how often new ones are looked for. */
const PAGE = 20;
const LOOK_EVERY = 10_000;

/** The runs that were started inside of this one, newest first. */
export function NestedRuns(props: IRunContext): JSX.Element | null {
  const { run: document, commands } = props;
  const { run, job, runId, tracks } = document;
  const { trans, trackingApi } = tracks;
  const [limit, setLimit] = React.useState(PAGE);
  const experiment = run?.info.experiment_id;
  const version = useThrottled(run?.info.status === 'RUNNING' ? run : null, LOOK_EVERY);
  const { value } = useFetched(
    async signal =>
      experiment
        ? trackingApi.searchRuns(
            {
              experimentIds: [experiment],
              filter: `tags.\`mlflow.parentRunId\` = '${runId.replace(/'/g, '')}'`,
              orderBy: ['attributes.start_time DESC'],
              maxResults: limit
            },
            signal
          )
        : null,
    [runId, experiment, version, limit]
  );
  // What is fetched anew takes the place of what is shown only when it is there.
  const shown = React.useRef(value);
  shown.current = value ?? shown.current;
  const runs = shown.current?.runs ?? [];
  if (runs.length === 0) {
    return null;
  }
  const metric = mainMetric(runs, job?.main_metric ?? null);
  return (
    <Section
      title={trans.__('Nested runs')}
      aside={
        runs.length > 1 &&
        commands.hasCommand(CommandIDs.compareRuns) && (
          <Action
            label={trans.__('Compare')}
            title={trans.__('Compare the first %1 of them', Math.min(PAGE, runs.length))}
            onClick={() =>
              commands.execute(CommandIDs.compareRuns, {
                run_ids: runs.slice(0, PAGE).map(child => child.info.run_id)
              })
            }
          />
        )
      }
    >
      <table className="jp-TracksideTable jp-mod-nested" aria-label={trans.__('Nested runs')}>
        <tbody>
          {runs.map(({ info, metrics }) => (
            <tr key={info.run_id} {...{ [DATA_RUN]: info.run_id }}>
              <th scope="row">
                <StateIcon state={info.status} />
                <button
                  type="button"
                  className="jp-TracksideLink"
                  title={info.run_name}
                  onClick={() =>
                    commands.execute(CommandIDs.openRun, {
                      run_id: info.run_id,
                      name: info.run_name
                    })
                  }
                >
                  {info.run_name}
                </button>
              </th>
              <td className="jp-mod-number" title={metric ?? undefined}>
                {metric && number(metrics.get(metric)?.value)}
              </td>
              <td className="jp-mod-number" title={moment(info.start_time)}>
                {info.end_time !== null && duration(info.end_time - info.start_time, trans)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {shown.current?.nextPageToken && (
        <Action label={trans.__('Show more')} onClick={() => setLimit(limit + PAGE * 5)} />
      )}
    </Section>
  );
}

/** The metric that is shown of each: the job's main one, else the first that one has. */
function mainMetric(runs: readonly IRun[], main: string | null): string | null {
  return main ?? [...runs.flatMap(run => [...run.metrics.keys()])].sort()[0] ?? null;
}
