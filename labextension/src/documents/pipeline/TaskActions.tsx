import * as React from 'react';

import { CommandIDs } from '../../commands';
import type { ITask } from '../../pipelines/tasks';
import { Action, OpenArrow } from '../../shared/Action';
import { useTrans } from '../../shared/trans-context';
import type { IPipelineContext } from './context';
import { OpenInKfp } from './OpenInKfp';

/** Where one goes from a task: into it, to its run, to where its outputs came from. */
export function TaskActions(props: IPipelineContext & { task: ITask | undefined }): JSX.Element {
  const { document, commands, task } = props;
  const { subject, scope } = document;
  const trans = useTrans();
  const canEnter = subject !== scope && document.isGraph(subject);
  return (
    <div className="jp-TracksideSide-actions">
      {canEnter && (
        <Action label={trans.__('Look inside')} strong onClick={() => document.enter(subject)} />
      )}
      {task?.trackingRunId && subject && (
        <Action
          label={trans.__('Open run')}
          title={trans.__('Open the run that tracks this task')}
          icon={<OpenArrow />}
          onClick={() =>
            commands.execute(CommandIDs.openRun, {
              run_id: task.trackingRunId,
              job_id: task.jobId || undefined,
              name: task.title
            })
          }
        />
      )}
      {task && subject && <OpenInKfp url={task.url} title={trans.__('Open the task in KFP')} />}
      {task?.cachedFrom && (
        <Action
          label={trans.__('Open where it came from')}
          title={trans.__('Open the task that made these outputs')}
          icon={<OpenArrow />}
          onClick={() =>
            commands.execute(CommandIDs.openPipelineRun, {
              run_id: task.cachedFrom!.runId,
              task_id: task.cachedFrom!.taskId
            })
          }
        />
      )}
    </div>
  );
}
