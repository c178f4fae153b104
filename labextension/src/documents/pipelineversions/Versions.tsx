import { deleteIcon, runIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import type { IPipelineVersion } from '../../api/pipelinerecords';
import { CommandIDs } from '../../commands';
import { isMeantForEver } from '../../components/forever';
import { useSlowNow } from '../../components/hooks';
import { IconButton } from '../../components/IconButton';
import { attempt } from '../../components/notices';
import { ago, moment } from '../../shared/format';
import type { PipelineDocumentModel } from './model';

/** The versions of a pipeline: one is looked at, and may be compared with another. */
export function Versions(props: {
  document: PipelineDocumentModel;
  commands: CommandRegistry;
}): JSX.Element {
  const { document } = props;
  const { trans } = document.tracks;
  const versions = document.versions ?? [];
  return (
    <div className="jp-TracksideVersions">
      <table className="jp-TracksideTable" aria-label={trans.__('Versions')}>
        <thead>
          <tr>
            <th scope="col">{trans.__('Version')}</th>
            <th scope="col">{trans.__('Made')}</th>
            <th scope="col">{trans.__('Description')}</th>
            <th scope="col">{trans.__('Compare')}</th>
            <th scope="col">
              <span className="jp-TracksideHidden">{trans.__('Actions')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {versions.map(version => (
            <Version key={version.version_id} {...props} version={version} />
          ))}
        </tbody>
      </table>
      {document.hasMore && (
        <p>
          <button type="button" className="jp-TracksideLink" onClick={() => void document.more()}>
            {trans.__('Show earlier versions')}
          </button>
        </p>
      )}
    </div>
  );
}

function Version(props: {
  document: PipelineDocumentModel;
  commands: CommandRegistry;
  version: IPipelineVersion;
}): JSX.Element {
  const { document, commands, version } = props;
  const { trans } = document.tracks;
  const now = useSlowNow();
  const { version_id: id, name, description, created_at: created, source } = version;
  const isChosen = document.chosen === version;
  const isOther = document.other === version;
  const remove = async (): Promise<void> => {
    const title = trans.__('Delete version %1?', name);
    const body = trans.__('Runs that were made of it stay. There is no way back.');
    if (await isMeantForEver(trans, title, body)) {
      await attempt(trans, () => document.remove(version));
    }
  };
  return (
    <tr className={isChosen ? 'jp-mod-chosen' : undefined}>
      <th scope="row">
        <label className="jp-TracksidePipelineRuns-word">
          <input
            type="radio"
            name={`trackside-version-${document.pipelineId}`}
            checked={isChosen}
            onChange={() => document.choose(id)}
          />
          <span>{name}</span>
        </label>
      </th>
      <td>
        <time title={moment(created)}>{ago(created, Math.max(now, created), trans)}</time>
      </td>
      <td title={description}>
        {description}{' '}
        {/^https?:\/\//i.test(source) && (
          <a href={source} target="_blank" rel="noopener noreferrer">
            {trans.__('Source')}
          </a>
        )}
      </td>
      <td>
        <button
          type="button"
          className="jp-TracksideAction"
          aria-pressed={isOther}
          aria-label={trans.__('Compare with %1', name)}
          disabled={isChosen}
          onClick={() => document.compareWith(isOther ? '' : id)}
        >
          {trans.__('compare')}
        </button>
      </td>
      <td>
        <IconButton
          icon={runIcon}
          label={trans.__('Run %1…', name)}
          onClick={() =>
            void commands.execute(CommandIDs.runPipeline, {
              pipeline: document.pipelineId,
              version: id
            })
          }
        />
        <IconButton
          icon={deleteIcon}
          label={trans.__('Delete %1', name)}
          onClick={() => void remove()}
        />
      </td>
    </tr>
  );
}
