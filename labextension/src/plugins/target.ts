import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import type { IJob } from '../api/types';
import { DATA_JOB, DATA_RECURRING, DATA_RUN, DATA_SELECTED } from '../commands';
import type { ITracksideModel } from '../tokens';

/** How a command without arguments is described. */
export const NO_ARGS = { args: { type: 'object', properties: {} } } as const;

/** The schema of the arguments of a command about a job. */
export const JOB_ARGS = {
  type: 'object',
  properties: {
    job: { type: 'string', description: 'The id of the job; the one under the menu if absent.' }
  }
} as const;

/** The schema of the arguments of a command about a run. */
export const RUN_ARGS = {
  type: 'object',
  properties: {
    run: { type: 'string', description: 'The id of the run; the one under the menu if absent.' }
  }
} as const;

/** The schema of the arguments of a command about what recurs. */
export const RECURRING_ARGS = {
  type: 'object',
  properties: {
    recurring_run: {
      type: 'string',
      description: 'The id of what recurs; the one under the menu if absent.'
    }
  }
} as const;

/** A text among the arguments of a command, if there is one. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value ? value : undefined;
}

/** Finds what a command is about: its arguments, or what the context menu was opened on. */
export class Target {
  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly model: ITracksideModel
  ) {}

  /** The job, if it is known. */
  job(args: ReadonlyPartialJSONObject): IJob | undefined {
    const id = typeof args.job === 'string' ? args.job : this.underMenu(DATA_JOB);
    return id === undefined ? undefined : this.model.jobs.get(id);
  }

  /** The id of the run. */
  runId(args: ReadonlyPartialJSONObject): string | undefined {
    return typeof args.run === 'string' ? args.run : this.underMenu(DATA_RUN);
  }

  /** The runs that are selected where the context menu was opened on one of them, else that one. */
  runIds(): string[] {
    const id = this.underMenu(DATA_RUN);
    const selected = this.underMenu(DATA_SELECTED)?.split(' ') ?? [];
    return id === undefined ? [] : selected.includes(id) ? selected : [id];
  }

  /** The id of what recurs. */
  recurringId(args: ReadonlyPartialJSONObject): string | undefined {
    return this.named(args.recurring_run, DATA_RECURRING);
  }

  /** What an argument names, or what the context menu was opened on. */
  named(given: unknown, attribute: string): string | undefined {
    return text(given) ?? this.underMenu(attribute);
  }

  /** What the element under the context menu says by an attribute. */
  underMenu(attribute: string): string | undefined {
    const node = this.app.contextMenuHitTest(element => element.hasAttribute(attribute));
    return node?.getAttribute(attribute) ?? undefined;
  }
}
