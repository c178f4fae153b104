import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { Cell } from '@jupyterlab/cells';
import { DocumentWidget } from '@jupyterlab/docregistry';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { IStateDB } from '@jupyterlab/statedb';

import type { IRecurrence, IRecurringRun } from '../api/pipelinerecords';
import type { IRecurringJob } from '../api/recurring';
import { CommandIDs } from '../commands';
import { attempt } from '../components/notices';
import { kindOf } from '../paths';
import type { ITracksideModel } from '../tokens';
import { trainCell } from './cell';
import { openLaunchDialog } from './dialog';
import { type ILaunchForm, type ITarget, toRequest, toWanted } from './form';
import { parseCell } from './magic';
import type { ILaunchOptions } from './model';
import { changedRequest, fromRequest, placeOf } from './refill';
import type { IWhen } from './when';

interface IContext {
  app: JupyterFrontEnd;
  model: ITracksideModel;
  stateDB: IStateDB | null;
}

/** Ask how to train a notebook or a script, and start it. Without a path, ask what to train too. */
export async function launchFile(
  context: IContext & { path: string | null; suggestions: string[]; when?: Partial<IWhen> }
): Promise<void> {
  const { app, model, stateDB, suggestions, when } = context;
  const { contents } = app.serviceManager;
  const { trans } = model;
  const paths = choices(app, suggestions);
  const path = context.path === null ? (paths[0] ?? '') : contents.localPath(context.path);
  await saveOpen(app, path);

  const send: ILaunchOptions['send'] = async (form, target, key, recurrence) => {
    await saveOpen(app, target.path);
    if (recurrence) {
      const wanted = recurringJob(form, target, recurrence);
      await model.recurringApi.addJob({ ...wanted, idempotency_key: key });
      // It recurs whatever becomes of showing that: another try would have it recur twice.
      void attempt(trans, async () => {
        await model.refresh();
        await app.commands.execute(CommandIDs.showRecurring);
      });
    } else {
      model.merge(await model.jobsApi.submit(toRequest(form, target, key)));
      await app.commands.execute(CommandIDs.showPanel);
    }
  };
  await openLaunchDialog({
    model,
    stateDB,
    paths: context.path === null ? paths : null,
    target: { kind: kindOf(path) ?? 'script', path },
    form: {},
    when,
    title:
      context.path === null
        ? trans.__('Train a notebook or a script')
        : when
          ? trans.__('Schedule %1', path.split('/').pop())
          : trans.__('Train %1', path.split('/').pop()),
    send
  });
}

/** Change a notebook or script that recurs. */
export async function editRecurringJob(
  context: IContext & { recurring: IRecurringRun }
): Promise<void> {
  const { app, model, stateDB, recurring } = context;
  const { name, description, job, recurring_id: id } = recurring;
  const path = job?.path ?? '';
  await openLaunchDialog({
    model,
    stateDB,
    paths: choices(app, [path]),
    target: { kind: kindOf(path) ?? 'script', path },
    form: { ...fromRequest(job ?? {}), name, on: placeOf(recurring) },
    replaces: recurring,
    title: model.trans.__('Edit %1', name),
    send: async (form, target, _, recurrence) => {
      await saveOpen(app, target.path);
      const wanted = recurringJob(form, target, recurrence!);
      // Its jobs may have a name of their own, until there is another one.
      const before = wanted.name === name ? job : { ...job, name: undefined };
      const changed = changedRequest(before ?? {}, wanted.job);
      await model.recurringApi.replace(id, { ...wanted, description, job: changed });
      await model.refresh();
    }
  });
}

function recurringJob(form: ILaunchForm, target: ITarget, recurrence: IRecurrence): IRecurringJob {
  const { name, ...job } = toWanted(form, target);
  return { ...recurrence, name, job };
}

/** Ask how to train a cell, and run it so. */
export async function launchCell(
  context: IContext & { panel: NotebookPanel; cell: Cell }
): Promise<void> {
  const { app, model, stateDB, panel, cell } = context;
  const parts = parseCell(cell.model.sharedModel.getSource());
  await openLaunchDialog({
    model,
    stateDB,
    paths: null,
    target: { kind: 'cell', path: app.serviceManager.contents.localPath(panel.context.path) },
    form: parts.form,
    title: model.trans.__('Train this cell'),
    send: form => trainCell(panel, cell, form, parts, model.trans)
  });
}

/** The notebooks and scripts to choose from: those that are open, and more. */
function choices(app: JupyterFrontEnd, more: readonly string[]): string[] {
  const { contents } = app.serviceManager;
  const open = documents(app).map(widget => contents.localPath(widget.context.path));
  return [...new Set([...open, ...more])].filter(path => kindOf(path) !== null);
}

/** The documents that are open, the one in view first. */
function documents(app: JupyterFrontEnd): DocumentWidget[] {
  const { shell } = app;
  return [shell.currentWidget, ...shell.widgets('main')].filter(
    (widget): widget is DocumentWidget => widget instanceof DocumentWidget
  );
}

/** What runs is what is on the disk, so what is open is saved first. */
async function saveOpen(app: JupyterFrontEnd, path: string): Promise<void> {
  const { contents } = app.serviceManager;
  for (const { context } of documents(app)) {
    if (context.model.dirty && contents.localPath(context.path) === path) {
      await context.save();
    }
  }
}
