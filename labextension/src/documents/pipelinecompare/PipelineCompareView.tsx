import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import { CommandIDs, DATA_PIPELINE_RUN } from '../../commands';
import { useRefresh, useSignal } from '../../components/hooks';
import { Skeleton } from '../../components/Skeleton';
import { WHILE_LIVE } from '../../models/kfp';
import { spelledOut, specTaskAt } from '../../pipelines/scene';
import { Action } from '../../shared/Action';
import { StateIcon } from '../../shared/StateIcon';
import { stateLook } from '../../shared/states';
import { ValueGroup } from '../compare/ValueTable';
import { Difference } from '../pipelineversions/Difference';
import type { PipelineCompareModel } from './model';
import { compareRuns, type IRow } from './rows';

/** Pipeline runs as columns; what they took and made as rows. */
export function PipelineCompareView(props: {
  document: PipelineCompareModel;
  commands: CommandRegistry;
}): JSX.Element {
  const { document, commands } = props;
  const { tracks, runs, specs, problem } = document;
  const { trans } = tracks;
  useSignal(document.changed);
  const frame = useRefresh<HTMLDivElement>(document.isWatched ? WHILE_LIVE : null, () =>
    document.load()
  );
  const [isAll, setAll] = React.useState(false);
  const rows = React.useMemo(
    () =>
      runs &&
      compareRuns(
        runs,
        state => stateLook(state, trans).label,
        path => spelledOut(specs.find(spec => spec && specTaskAt(spec, path)) ?? null, path)
      ),
    [runs, specs]
  );
  if (!runs || !rows) {
    return problem ? (
      <div className="jp-TracksideEmpty" role="alert">
        <p>{problem}</p>
        <Action label={trans.__('Try again')} onClick={() => document.load()} />
      </div>
    ) : (
      <Skeleton rows={6} />
    );
  }
  const groups: [string, readonly IRow[]][] = [
    [trans.__('Arguments'), rows.params],
    [trans.__('Metrics'), rows.metrics],
    [trans.__('Outputs'), rows.outputs],
    [trans.__('Artifacts'), rows.artifacts],
    [trans.__('Tasks'), rows.tasks]
  ];
  const tracked = runs.map(({ run }) => run.mlflow_run_id).filter(Boolean);
  const label = trans.__('Arguments, metrics, outputs and artifacts');
  const shown = groups.map(
    ([name, all]) => [name, isAll ? all : all.filter(({ differs }) => differs)] as const
  );
  const [before, after] = specs;
  return (
    <>
      <div className="jp-TracksideDoc-header">
        <div className="jp-TracksideDoc-title">
          <h1>{trans._n('%1 pipeline run compared', '%1 pipeline runs compared', runs.length)}</h1>
          <span className="jp-TracksideCard-actions">
            {tracked.length > 1 && (
              <Action
                label={trans.__('Compare in tracking')}
                title={trans.__('Compare what was logged of them: curves, code and environment')}
                onClick={() => commands.execute(CommandIDs.compareRuns, { run_ids: tracked })}
              />
            )}
          </span>
        </div>
        {problem && (
          <p className="jp-TracksideNotice jp-mod-alert" role="alert">
            {problem}
          </p>
        )}
      </div>
      <div
        ref={frame}
        className="jp-TracksidePipelineDoc-body"
        tabIndex={0}
        role="group"
        aria-label={label}
      >
        <div className="jp-TracksideCompare-bar">
          <label>
            <input
              type="checkbox"
              checked={!isAll}
              onChange={event => setAll(!event.target.checked)}
            />
            {trans.__('Only what differs')}
          </label>
        </div>
        <div className="jp-TracksideCompare-scroll" tabIndex={0} role="region" aria-label={label}>
          <table className="jp-TracksideCompare-table" aria-label={label}>
            <thead>
              <tr>
                <td />
                {runs.map(({ run }) => (
                  <th key={run.run_id} scope="col" {...{ [DATA_PIPELINE_RUN]: run.run_id }}>
                    <span>
                      <StateIcon state={run.state} labelled trans={trans} />
                      <button
                        type="button"
                        className="jp-TracksideLink"
                        title={run.name}
                        onClick={() =>
                          void commands.execute(CommandIDs.openPipelineRun, {
                            run_id: run.run_id,
                            name: run.name
                          })
                        }
                      >
                        <bdi>{run.name}</bdi>
                      </button>
                    </span>
                  </th>
                ))}
              </tr>
            </thead>
            {shown.map(([name, found]) => (
              <ValueGroup
                key={name}
                label={name}
                rows={found}
                {...{ trans }}
                onlyDiffering={!isAll}
              />
            ))}
          </table>
        </div>
        {shown.every(([, found]) => found.length === 0) && (
          <p>{trans.__('Nothing differs of what these runs took and made.')}</p>
        )}
        {runs.length === 2 && before && after && (
          <>
            <h2>
              {trans.__(
                'From the pipeline of %1 to that of %2',
                runs[0].run.name,
                runs[1].run.name
              )}
            </h2>
            <Difference before={before} after={after} trans={trans} />
          </>
        )}
      </div>
    </>
  );
}
