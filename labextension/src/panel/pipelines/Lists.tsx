import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import { CommandIDs, DATA_PIPELINE, DATA_PIPELINE_RUN } from '../../commands';
import { useSlowNow } from '../../components/hooks';
import type { PipelineLists } from '../../models/pipelineplaces';
import { Lines } from './Lines';
import { describePipeline, PipelineLine } from './PipelineLine';
import { describeRun, RunLine } from './RunLine';

const CLIENT = `kfp.Client(
    host=env["TRACKSIDE_URL"],
    existing_token=env["TRACKSIDE_TOKEN"],
)`;

const EXAMPLE = `import kfp
from kfp import dsl
from os import environ as env

@dsl.component
def fit(lr: float) -> float:
    return 1 / lr

@dsl.pipeline
def train(lr: float = 0.01):
    fit(lr=lr)

${CLIENT}.create_run_from_pipeline_func(train)`;

const UPLOAD = `import kfp
from os import environ as env

${CLIENT}.upload_pipeline_from_pipeline_func(train)`;

/** What sends the pipeline of a notebook there. */
const SEND = '%pipeline run --on kfp';

interface IListProps {
  lists: PipelineLists;
  commands: CommandRegistry;
}

/** The pipeline runs of a place. */
export function RunList({ lists, commands }: IListProps): React.ReactElement {
  const { runs } = lists;
  const { trans, kfp } = runs.model;
  const now = useSlowNow();
  const isThere = runs.place === 'kfp';
  return (
    <Lines
      list={runs}
      label={trans.__('Pipeline runs')}
      describe={run => describeRun(run, trans)}
      renderRow={run => <RunLine run={run} now={now} commands={commands} trans={trans} />}
      attributes={run => ({ [DATA_PIPELINE_RUN]: run.run_id })}
      onOpen={run =>
        void commands.execute(CommandIDs.openPipelineRun, { run_id: run.run_id, name: run.name })
      }
      onDelete={run =>
        void commands.execute(CommandIDs.archivePipelineRuns, { pipeline_run: run.run_id })
      }
      sentence={
        isThere
          ? trans.__(
              'No pipeline runs on %1 yet. The pipeline of a notebook is sent there and run with:',
              kfp.status.host
            )
          : trans.__('No pipeline runs yet. Pipelines of the KFP SDK run here as they are:')
      }
      code={isThere ? SEND : EXAMPLE}
    >
      <FromFile lists={lists} commands={commands} />
    </Lines>
  );
}

/** The pipelines of a place. */
export function PipelineList({ lists, commands }: IListProps): React.ReactElement {
  const { pipelines } = lists;
  const { trans, kfp } = pipelines.model;
  const now = useSlowNow();
  const isThere = pipelines.place === 'kfp';
  return (
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
      sentence={
        isThere
          ? trans.__(
              'No pipelines on %1 yet. Choose “Send to Kubeflow…” in the menu of one here.',
              kfp.status.host
            )
          : trans.__(
              'No pipelines yet. Keep what was compiled, with its versions, to run it again:'
            )
      }
      code={isThere ? undefined : UPLOAD}
    >
      <FromFile lists={lists} commands={commands} />
    </Lines>
  );
}

function FromFile({ lists, commands }: IListProps): React.ReactElement {
  const { trans } = lists.runs.model;
  const isThere = lists.runs.place === 'kfp';
  return (
    <button
      className="jp-TracksideLink"
      onClick={() =>
        void (isThere
          ? commands.execute(CommandIDs.sendToKubeflow, { ask: true })
          : commands.execute(CommandIDs.runPipelineFile))
      }
    >
      {isThere ? trans.__('Send a YAML file…') : trans.__('Run a YAML file…')}
    </button>
  );
}
