import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import type { IRun } from '../../api/types';
import { CommandIDs } from '../../commands';
import { sourceName } from '../run/provenance';
import type { ModelDocument } from './model';

/** The cell, notebook or script that a version came from, which opens where it can. */
export function SourceLink(props: {
  run: IRun;
  document: ModelDocument;
  commands: CommandRegistry;
}): JSX.Element | null {
  const { run, document, commands } = props;
  const source = sourceName(run);
  if (!source) {
    return null;
  }
  // Of a path only the end says something in so little room.
  const name = /^[/~]|^\w:\\/.test(source) ? source.split(/[/\\]/).pop()! : source;
  const job = document.tracks.jobOfRun(run.info.run_id);
  const notebook = job?.source?.notebook ?? job?.source?.path ?? notebookPath(run);
  return notebook ? (
    <button
      type="button"
      className="jp-TracksideLink"
      title={document.tracks.trans.__('Open %1', notebook)}
      onClick={() =>
        void (job
          ? commands.execute(CommandIDs.openSource, { job: job.job_id })
          : commands.execute('docmanager:open', { path: notebook }))
      }
    >
      {name}
    </button>
  ) : (
    <span>{name}</span>
  );
}

// Below the folder of the server, or it could not be opened.
function notebookPath(run: IRun): string | null {
  const path = run.tags.get('trackside.notebook');
  const isBelow = path && !path.startsWith('/') && !path.split('/').includes('..');
  return isBelow ? path : null;
}
