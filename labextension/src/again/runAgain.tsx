import { Dialog, ReactWidget, showDialog } from '@jupyterlab/apputils';
import { UUID } from '@lumino/coreutils';
import * as React from 'react';

import type { IJob, IRun, IUnpinned } from '../api/types';
import type { ITracksideModel } from '../tokens';
import { unpinnedOf } from './pinning';
import { RunAgainForm } from './RunAgainForm';

/** The job of a run: the one that is known, else the one that its tag names; nothing where there is none. */
export async function jobBehind(model: ITracksideModel, run: IRun): Promise<IJob | undefined> {
  const known = model.jobOfRun(run.info.run_id);
  const id = run.tags.get('trackside.job_id');
  return known ?? (id ? model.fetchJob(id).catch(() => undefined) : undefined);
}

/**
 * Start a job again with the same code, params and resources. What could not be pinned is listed
 * first, and nothing is started until that was read; where everything is as it was, nothing is asked.
 */
export async function runAgain(
  model: ITracksideModel,
  run: IRun,
  job: IJob
): Promise<IJob | undefined> {
  const { jobsApi, trans } = model;
  const [told, detail] = await Promise.all([jobsApi.unpinned(job.job_id), jobsApi.get(job.job_id)]);
  const bundle = (detail.bundle?.files ?? []).map(file => file.path);
  const source = job.source?.notebook ?? job.source?.path ?? null;
  const unpinned = [...told, ...unpinnedOf(run, bundle, source, trans)];
  let env: Record<string, string> = {};
  if (unpinned.length > 0) {
    const secrets = Array.isArray(detail.spec.secret_env) ? detail.spec.secret_env.map(String) : [];
    const given = await ask(model, job, unpinned, secrets);
    if (!given) {
      return undefined;
    }
    env = given;
  }
  const started = await jobsApi.rerun(job.job_id, {
    idempotency_key: UUID.uuid4(),
    ...(Object.keys(env).length > 0 && { env })
  });
  model.merge(started);
  return started;
}

/** Show what may differ; resolves to the secrets that were given, or to nothing when it is not to run. */
async function ask(
  model: ITracksideModel,
  job: IJob,
  unpinned: readonly IUnpinned[],
  secrets: readonly string[]
): Promise<Record<string, string> | null> {
  const { trans } = model;
  const given: Record<string, string> = {};
  const isStopped = unpinned.some(({ blocks, code }) => blocks && code !== 'SECRETS');
  const body = ReactWidget.create(
    <RunAgainForm
      unpinned={unpinned}
      secrets={isStopped ? [] : secrets}
      onSecret={(name, value) => {
        given[name] = value;
      }}
      trans={trans}
    />
  );
  const { button } = await showDialog({
    title: trans.__('Run %1 again?', job.name),
    body,
    buttons: isStopped
      ? [Dialog.cancelButton({ label: trans.__('Close') })]
      : [
          Dialog.cancelButton({ label: trans.__('Cancel') }),
          Dialog.okButton({ label: trans.__('Run again') })
        ]
  });
  return button.accept ? given : null;
}
