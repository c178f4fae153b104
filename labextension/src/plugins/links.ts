import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { idIn, type PipelinePlace } from '../api/pipelineplace';
import { CommandIDs } from '../commands';

/** The query parameters that name a pipeline run, and where it is that is named. */
const PIPELINE_RUN = 'trackside-pipeline-run';
const PLACE = 'trackside-place';

/** What a link leads to. */
export interface ILink {
  command: string;
  args: ReadonlyPartialJSONObject;
  /** The address without what was followed. */
  rest: string;
}

/** What the clients of MLflow and KFP print behind the `#`, and what it opens. */
const LINKS: readonly [RegExp, (id: string, place: PipelinePlace) => Omit<ILink, 'rest'>][] = [
  [
    /^#\/experiments\/[^/]+\/runs\/([\w-]+)/,
    id => ({ command: CommandIDs.openRun, args: { run_id: id } })
  ],
  [
    /^#\/runs\/details\/([\w-]+)/,
    (id, place) => ({ command: CommandIDs.openPipelineRun, args: { run_id: idIn(place, id) } })
  ],
  [
    /^#\/experiments\/details\/([\w-]+)/,
    (id, place) =>
      place === 'here'
        ? { command: CommandIDs.openExperiment, args: { experiment_ids: [id] } }
        : { command: CommandIDs.openPipelineRuns, args: { place } }
  ],
  [
    /^#\/pipelines\/details\/([\w-]+)/,
    (id, place) => ({ command: CommandIDs.openPipeline, args: { pipeline: idIn(place, id) } })
  ]
];

/** Read what an address leads to, if to anything. */
export function readLink({
  pathname,
  search,
  hash
}: Pick<Location, 'pathname' | 'search' | 'hash'>): ILink | null {
  const query = new URLSearchParams(search);
  const place = query.get(PLACE) === 'kfp' ? 'kfp' : 'here';
  const left = pathname + without(search, [PLACE, PIPELINE_RUN]);
  for (const [pattern, open] of LINKS) {
    const found = pattern.exec(hash);
    if (found) {
      return { ...open(found[1], place), rest: left };
    }
  }
  const run = query.get(PIPELINE_RUN);
  if (!run) {
    return null;
  }
  return {
    command: CommandIDs.openPipelineRun,
    args: { run_id: idIn(place, run) },
    rest: left + hash
  };
}

/** A query without some parameters; the others stay as they are written. */
function without(search: string, names: readonly string[]): string {
  const rest = search
    .replace(/^\?/, '')
    .split('&')
    .filter(part => !names.includes(part.split('=')[0]))
    .join('&');
  return rest && `?${rest}`;
}

/** Opens what a link leads to that a client printed. */
export const linksPlugin: JupyterFrontEndPlugin<void> = {
  id: 'trackside:links',
  description: 'Opens what the links lead to that the clients of MLflow and KFP print.',
  autoStart: true,
  activate: (app: JupyterFrontEnd): void => {
    const link = readLink(window.location);
    if (!link) {
      return;
    }
    // Followed once: a reload does not open it again.
    window.history.replaceState(window.history.state, '', link.rest);
    void app.restored.then(() => app.commands.execute(link.command, link.args));
  }
};
