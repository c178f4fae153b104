import { addIcon, listIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import { CommandIDs, DATA_PIPELINE, DATA_PIPELINE_RUN, DATA_RECURRING } from '../../commands';
import { useRefresh, useSignal, useSlowNow } from '../../components/hooks';
import { IconButton } from '../../components/IconButton';
import type { PipelineRunsModel } from '../../models/pipelineruns';
import type { PipelinesModel, RecurringModel } from '../../models/pipelines';
import { Action } from '../../shared/Action';
import { Lines } from './Lines';
import { describePipeline, PipelineLine } from './PipelineLine';
import { describeRecurring, RecurringLine } from './RecurringLine';
import { describeRun, RunLine } from './RunLine';

const CLIENT = `kfp.Client(
    host=os.environ["TRACKSIDE_URL"],
    existing_token=os.environ["TRACKSIDE_TOKEN"],
)`;

const EXAMPLE = `import os, kfp
from kfp import dsl

@dsl.component
def fit(lr: float) -> float:
    return 1 / lr

@dsl.pipeline
def train(lr: float = 0.01):
    fit(lr=lr)

${CLIENT}.create_run_from_pipeline_func(train)`;

const UPLOAD = `${CLIENT}.upload_pipeline_from_pipeline_func(train)`;

/** Nothing tells of these when they change; they are asked for from time to time while in view. */
const EVERY = 15_000;

/** What the section shows. */
export type PipelinesTab = 'runs' | 'pipelines' | 'recurring';

/** Pipeline runs, pipelines, and what recurs, one line each. */
export function PipelinesView(props: {
  runs: PipelineRunsModel;
  pipelines: PipelinesModel;
  recurring: RecurringModel;
  tab: PipelinesTab;
  onTab: (tab: PipelinesTab) => void;
  commands: CommandRegistry;
}): React.ReactElement {
  const { runs, pipelines, recurring, commands, onTab } = props;
  const { trans } = runs.model;
  const [tab, setTab] = React.useState(props.tab);
  const now = useSlowNow();
  useSignal(runs.model.connectionChanged);
  const frame = useRefresh<HTMLDivElement>(EVERY, () =>
    tab === 'pipelines'
      ? pipelines.refresh()
      : tab === 'recurring'
        ? recurring.refresh()
        : Promise.resolve()
  );
  const tabs: [PipelinesTab, string][] = [
    ['runs', trans.__('Runs')],
    ['pipelines', trans.__('Pipelines')],
    ['recurring', trans.__('Recurring')]
  ];
  const fromFile = (
    <button
      className="jp-TracksideLink"
      onClick={() => void commands.execute(CommandIDs.runPipelineFile)}
    >
      {trans.__('Run a YAML file…')}
    </button>
  );
  return (
    <div ref={frame} className="jp-TracksidePipelines">
      <div className="jp-TracksidePipelines-bar">
        <div role="group" aria-label={trans.__('What is listed')}>
          {tabs.map(([key, label]) => (
            <Action
              key={key}
              label={label}
              pressed={tab === key}
              onClick={() => {
                setTab(key);
                onTab(key);
              }}
            />
          ))}
        </div>
        <span>
          <IconButton
            icon={addIcon}
            label={trans.__('Run a YAML file…')}
            onClick={() => void commands.execute(CommandIDs.runPipelineFile)}
          />
          <IconButton
            icon={listIcon}
            label={trans.__('Open all pipeline runs as a list')}
            onClick={() => void commands.execute(CommandIDs.openPipelineRuns)}
          />
        </span>
      </div>
      {tab === 'runs' && (
        <Lines
          list={runs}
          label={trans.__('Pipeline runs')}
          describe={run => describeRun(run, trans)}
          renderRow={run => <RunLine run={run} now={now} commands={commands} trans={trans} />}
          attributes={run => ({ [DATA_PIPELINE_RUN]: run.run_id })}
          onOpen={run =>
            void commands.execute(CommandIDs.openPipelineRun, {
              run_id: run.run_id,
              name: run.name
            })
          }
          onDelete={run =>
            void commands.execute(CommandIDs.archivePipelineRuns, { pipeline_run: run.run_id })
          }
          sentence={trans.__(
            'No pipeline runs yet. Pipelines of the KFP SDK run here as they are:'
          )}
          code={EXAMPLE}
        >
          {fromFile}
        </Lines>
      )}
      {tab === 'pipelines' && (
        <Lines
          list={pipelines}
          label={trans.__('Pipelines')}
          describe={describePipeline}
          renderRow={pipeline => (
            <PipelineLine pipeline={pipeline} now={now} commands={commands} trans={trans} />
          )}
          attributes={pipeline => ({ [DATA_PIPELINE]: pipeline.pipeline_id })}
          onOpen={({ pipeline_id: pipeline, name }) =>
            void commands.execute(CommandIDs.openPipeline, { pipeline, name })
          }
          sentence={trans.__(
            'No pipelines yet. Keep what was compiled, with its versions, to run it again:'
          )}
          code={UPLOAD}
        >
          {fromFile}
        </Lines>
      )}
      {tab === 'recurring' && (
        <Lines
          list={recurring}
          label={trans.__('Recurring runs')}
          describe={one => describeRecurring(one, now, trans)}
          renderRow={one => (
            <RecurringLine recurring={one} now={now} commands={commands} trans={trans} />
          )}
          attributes={one => ({ [DATA_RECURRING]: one.recurring_id })}
          onOpen={({ recurring_id }) =>
            void commands.execute(CommandIDs.openPipelineRuns, { recurring_run: recurring_id })
          }
          onDelete={({ recurring_id }) =>
            void commands.execute(CommandIDs.deleteRecurringRun, { recurring_run: recurring_id })
          }
          footer={
            <p className="jp-TracksidePipelines-note">
              {trans.__(
                'They start while this Jupyter server runs. For more, send the pipeline to a Kubeflow Pipelines server.'
              )}
            </p>
          }
          sentence={trans.__(
            'Nothing recurs yet. Choose “Again and again” in the form that runs a pipeline.'
          )}
        />
      )}
    </div>
  );
}
