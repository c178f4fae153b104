import * as React from 'react';

import { ago, moment } from '../format';
import { useNow } from '../clock';
import { useTrans } from '../trans-context';

/** A version of a registered model as a list shows it. */
export interface IListedVersion {
  version: string;
  aliases: readonly string[];
  /** MLflow's stage, or `None`. */
  stage: string;
  run_id: string | null;
  /** Milliseconds since the epoch. */
  created: number | null;
  description: string;
}

/** The versions of a registered model, one a line, the newest first. */
export function VersionTable(props: {
  label: string;
  versions: readonly IListedVersion[];
  /** The selected version, where one can be selected. */
  selected?: string;
  onSelect?: (version: string) => void;
  onOpen?: (version: IListedVersion) => void;
  onOpenRun?: (runId: string) => void;
}): JSX.Element {
  const { label, versions, selected, onSelect, onOpen, onOpenRun } = props;
  const trans = useTrans();
  const now = useNow(false);
  const name = React.useId();
  return (
    <div className="jp-TracksideVersions">
      <table aria-label={label}>
        <thead>
          <tr>
            <th scope="col">{trans.__('Version')}</th>
            <th scope="col">{trans.__('Aliases')}</th>
            <th scope="col">{trans.__('Stage')}</th>
            <th scope="col">{trans.__('Registered')}</th>
            <th scope="col">{trans.__('Run')}</th>
            <th scope="col">{trans.__('Description')}</th>
          </tr>
        </thead>
        <tbody>
          {versions.map(item => (
            <tr key={item.version}>
              <th scope="row">
                {onSelect ? (
                  <label>
                    <input
                      type="radio"
                      name={name}
                      checked={item.version === selected}
                      onChange={() => onSelect(item.version)}
                    />
                    {item.version}
                  </label>
                ) : onOpen ? (
                  <button
                    type="button"
                    className="jp-TracksideLink"
                    onClick={() => onOpen(item)}
                    title={trans.__('Open version %1', item.version)}
                  >
                    {item.version}
                  </button>
                ) : (
                  item.version
                )}
              </th>
              <td>
                {item.aliases.map(alias => (
                  <span key={alias} className="jp-TracksideVersions-alias">
                    {alias}
                  </span>
                ))}
              </td>
              <td>{item.stage === 'None' ? '' : item.stage}</td>
              <td title={item.created === null ? undefined : moment(item.created)}>
                {item.created !== null && ago(item.created, Math.max(now, item.created), trans)}
              </td>
              <td>
                {item.run_id &&
                  (onOpenRun ? (
                    <button
                      type="button"
                      className="jp-TracksideLink"
                      onClick={() => onOpenRun(item.run_id!)}
                      title={trans.__('Open the run')}
                    >
                      {item.run_id.slice(0, 8)}
                    </button>
                  ) : (
                    <code title={item.run_id}>{item.run_id.slice(0, 8)}</code>
                  ))}
              </td>
              <td className="jp-TracksideVersions-text" title={item.description}>
                {item.description}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
