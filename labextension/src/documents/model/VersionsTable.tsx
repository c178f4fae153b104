import * as React from 'react';

import type { IRun } from '../../api/types';
import { CommandIDs } from '../../commands';
import { Action } from '../../shared/Action';
import { Section } from '../run/Facts';
import type { IModelContext } from './context';
import { MetricChooser } from './MetricChooser';
import { bestOf, firstColumns, type Goal, guessGoal, metricKeys } from './metrics';
import { VersionRow } from './VersionRow';

/** From how many versions on older ones are a click away. */
const COMPACT = 5;

/** The versions one below the other, with the metrics of the runs that they came from. */
export function VersionsTable(props: IModelContext): JSX.Element {
  const { document, commands, compact } = props;
  const { trans } = document.tracks;
  const versions = compact ? document.versions.slice(0, COMPACT) : document.versions;
  const runs = versions
    .map(({ run_id }) => document.runs.get(run_id))
    .filter((run): run is IRun => Boolean(run));
  const keys = metricKeys(runs);
  const [chosen, setChosen] = React.useState<readonly string[] | null>(null);
  const [goals, setGoals] = React.useState<Readonly<Record<string, Goal>>>({});
  const [marked, setMarked] = React.useState<ReadonlySet<string>>(new Set());
  const columns = chosen ?? firstColumns(keys);
  const goalOf = (key: string): Goal => goals[key] ?? guessGoal(key);
  const best = new Map(columns.map(key => [key, bestOf(runs, key, goalOf(key))]));
  const compared = versions.filter(({ version }) => marked.has(version));
  const runIds = [...new Set(compared.map(({ run_id }) => run_id).filter(Boolean))];

  return (
    <Section
      title={trans.__('Versions')}
      aside={
        !compact && (
          <>
            <MetricChooser keys={keys} chosen={columns} onChoose={setChosen} trans={trans} />
            {compared.length > 0 && (
              <Action
                label={trans.__('Compare')}
                title={
                  runIds.length < 2
                    ? trans.__('Mark two versions that came from different runs')
                    : trans.__('Compare the runs of the marked versions')
                }
                disabled={runIds.length < 2}
                strong
                onClick={() => commands.execute(CommandIDs.compareRuns, { run_ids: runIds })}
              />
            )}
          </>
        )
      }
    >
      <div className="jp-TracksideVersions">
        <table className="jp-TracksideTable" aria-label={trans.__('Versions')}>
          <thead>
            <tr>
              {!compact && (
                <th scope="col" className="jp-mod-mark">
                  <span className="jp-TracksideHidden">{trans.__('Compare')}</span>
                </th>
              )}
              <th scope="col" className="jp-mod-version">
                {trans.__('Version')}
              </th>
              <th scope="col">{trans.__('Stage')}</th>
              <th scope="col">{trans.__('Run')}</th>
              <th scope="col">{trans.__('From')}</th>
              <th scope="col">{trans.__('Who')}</th>
              <th scope="col">{trans.__('When')}</th>
              {columns.map(key => (
                <th key={key} scope="col" className="jp-mod-number" title={key}>
                  <button
                    type="button"
                    className="jp-TracksideLink"
                    title={
                      goalOf(key) === 'max'
                        ? trans.__('%1: the highest is marked; click for the lowest', key)
                        : trans.__('%1: the lowest is marked; click for the highest', key)
                    }
                    onClick={() =>
                      setGoals({ ...goals, [key]: goalOf(key) === 'max' ? 'min' : 'max' })
                    }
                  >
                    {key} {goalOf(key) === 'max' ? '↑' : '↓'}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {versions.map(version => (
              <VersionRow
                key={version.version}
                {...props}
                version={version}
                columns={columns}
                best={best}
                isMarked={marked.has(version.version)}
                onMark={isMarked => {
                  const next = new Set(marked);
                  next[isMarked ? 'add' : 'delete'](version.version);
                  setMarked(next);
                }}
              />
            ))}
          </tbody>
        </table>
      </div>
      {(document.hasMoreVersions || document.versions.length > versions.length) && (
        <Action
          label={compact ? trans.__('Open all versions') : trans.__('Show older versions')}
          onClick={() =>
            compact
              ? commands.execute(CommandIDs.openModel, { name: document.name })
              : document.loadMoreVersions()
          }
        />
      )}
    </Section>
  );
}
