import * as React from 'react';

import type { IModelVersion } from '../../api/registrytypes';
import { CommandIDs, DATA_RUN } from '../../commands';
import { isBoardAlias, stageName } from '../../shared/board';
import { ago, moment, number } from '../../shared/format';
import { sourceName } from '../run/provenance';
import type { IModelContext } from './context';
import { SourceLink } from './SourceLink';

/** One version in the table. */
export function VersionRow(
  props: IModelContext & {
    version: IModelVersion;
    columns: readonly string[];
    /** The best value of each column. */
    best: ReadonlyMap<string, number | null>;
    isMarked: boolean;
    onMark: (isMarked: boolean) => void;
  }
): JSX.Element {
  const { document, commands, compact, version, columns, best, isMarked, onMark } = props;
  const { trans } = document.tracks;
  const run = document.runs.get(version.run_id);
  const place = document.placeOf(version);
  const aliases = document.aliasesOf(version.version).filter(alias => !isBoardAlias(alias));
  const who = version.user_id || run?.tags.get('mlflow.user') || run?.info.user_id || '';
  const isChosen = document.chosen?.version === version.version;
  return (
    <tr
      className={isChosen && !compact ? 'jp-mod-chosen' : undefined}
      {...(version.run_id && { [DATA_RUN]: version.run_id })}
    >
      {!compact && (
        <td className="jp-mod-mark">
          <input
            type="checkbox"
            aria-label={trans.__('Mark version %1', version.version)}
            disabled={!version.run_id}
            checked={isMarked}
            onChange={event => onMark(event.target.checked)}
          />
        </td>
      )}
      <th scope="row" className="jp-mod-version">
        <button
          type="button"
          className="jp-TracksideLink"
          aria-current={isChosen || undefined}
          title={trans.__('Show version %1', version.version)}
          onClick={() =>
            compact
              ? void commands.execute(CommandIDs.openModel, {
                  name: document.name,
                  version: version.version
                })
              : document.choose(version.version)
          }
        >
          {`v${version.version}`}
        </button>
      </th>
      <td>
        {place !== 'None' && stageName(place, trans)}{' '}
        {aliases.map(alias => (
          <span key={alias} className="jp-TracksideAlias">
            @{alias}
          </span>
        ))}
        {version.status !== 'READY' && <span>{version.status}</span>}
      </td>
      <td>
        {version.run_id && (
          <button
            type="button"
            className="jp-TracksideLink"
            title={run?.info.run_name ?? version.run_id}
            onClick={() => void commands.execute(CommandIDs.openRun, { run_id: version.run_id })}
          >
            {run?.info.run_name ?? version.run_id.slice(0, 8)}
          </button>
        )}
      </td>
      <td title={run ? (sourceName(run) ?? undefined) : undefined}>
        {run && <SourceLink run={run} document={document} commands={commands} />}
      </td>
      <td title={who}>{who}</td>
      <td>
        <time title={moment(version.creation_timestamp)}>
          {ago(version.creation_timestamp, Date.now(), trans)}
        </time>
      </td>
      {columns.map(key => {
        const value = run?.metrics.get(key)?.value;
        const isBest = value !== undefined && value === best.get(key);
        return (
          <td
            key={key}
            className={isBest ? 'jp-mod-number jp-mod-best' : 'jp-mod-number'}
            title={value === undefined ? undefined : `${key} ${value}`}
          >
            {isBest && (
              <span role="img" aria-label={trans.__('best')}>
                ★
              </span>
            )}
            {value === undefined ? '' : number(value)}
          </td>
        );
      })}
    </tr>
  );
}
