import * as React from 'react';

import type { IComparedFile } from '../../api/compare';
import { EmptyState } from '../../components/EmptyState';
import { Section } from '../run/Facts';
import { shownName } from '../run/artifacts/kinds';
import type { ICompareContext } from './context';
import { FileDiff } from './FileDiff';
import { fileName, stateWord } from './words';

const TRAIN_CODE = `%%train
# the code of this cell, its helpers and files are kept with the run`;

/** The code of each run against that of the base: the cell first, then the files. */
export function CodeTab(props: ICompareContext): JSX.Element {
  const { compare, comparison } = props;
  const { trans } = compare.tracks;
  const { files, commits } = comparison.code;
  const [isSplit, setSplit] = React.useState(false);
  const [isAll, setAll] = React.useState(false);
  const base = comparison.runs.find(run => run.run_id === comparison.base);
  const shown = isAll ? files : files.filter(file => file.differs);
  if (files.length === 0 && commits.every(commit => commit === null)) {
    return (
      <EmptyState
        sentence={trans.__(
          'Nothing is known of the code of these runs. It is kept of what runs as a job:'
        )}
        code={TRAIN_CODE}
        trans={trans}
      />
    );
  }
  return (
    <div className="jp-TracksideCompare-part">
      <div className="jp-TracksideCompare-bar">
        <label>
          {trans.__('Compared with')}
          <select
            className="jp-TracksideSelect"
            value={comparison.base}
            onChange={event => compare.setBase(event.target.value)}
          >
            {comparison.runs.map(run => (
              <option key={run.run_id} value={run.run_id}>
                {run.run_name}
              </option>
            ))}
          </select>
        </label>
        <label>
          <input type="checkbox" checked={isSplit} onChange={() => setSplit(!isSplit)} />
          {trans.__('Side by side')}
        </label>
        <label>
          <input type="checkbox" checked={!isAll} onChange={() => setAll(!isAll)} />
          {trans.__('Only what differs')}
        </label>
        <span className="jp-TracksideCompare-dim" role="status">
          {trans.__('%1 of %2 files differ', files.filter(one => one.differs).length, files.length)}
        </span>
      </div>
      <Commits {...props} />
      {shown.length === 0 && files.length > 0 && (
        <p className="jp-TracksideDoc-note">{trans.__('All code that was kept is the same.')}</p>
      )}
      {shown.map(file => (
        <FileSection
          key={`${file.kind} ${file.path}`}
          {...props}
          file={file}
          isSplit={isSplit}
          baseName={base?.run_name ?? ''}
        />
      ))}
    </div>
  );
}

function FileSection(
  props: ICompareContext & { file: IComparedFile; isSplit: boolean; baseName: string }
): JSX.Element {
  const { compare, comparison, file, isSplit, baseName } = props;
  const { trans } = compare.tracks;
  const name = shownName(fileName(file, trans));
  return (
    <Section title={name}>
      {!file.whole && (
        <p className="jp-TracksideDoc-note">
          {trans.__('It is long: only its beginning is compared.')}
        </p>
      )}
      {file.runs.map((difference, at) => {
        const run = comparison.runs[at];
        if (difference.state === 'base' || (at > 0 && isRepeated(file, at))) {
          return null;
        }
        const alike = file.runs
          .map((other, place) => (other.diff === difference.diff ? place : -1))
          .filter(place => place >= 0 && file.runs[place].state === difference.state)
          .map(place => comparison.runs[place].run_name);
        return (
          <FileDiff
            key={run.run_id}
            difference={difference}
            isSplit={isSplit}
            runNames={alike}
            baseName={baseName}
            fileName={name}
            word={stateWord(difference.state, trans)}
            trans={trans}
          />
        );
      })}
    </Section>
  );
}

/** Whether an earlier run has the very same difference, which is shown once. */
function isRepeated(file: IComparedFile, at: number): boolean {
  const one = file.runs[at];
  return file.runs
    .slice(0, at)
    .some(before => before.state === one.state && before.diff === one.diff);
}

function Commits(props: ICompareContext): JSX.Element | null {
  const { compare, comparison } = props;
  const { trans } = compare.tracks;
  const { commits } = comparison.code;
  if (commits.every(commit => commit === null)) {
    return null;
  }
  const differ = new Set(commits.map(commit => commit?.commit)).size > 1;
  const known = commits.find(commit => commit !== null)!;
  if (!differ) {
    return (
      <p className="jp-TracksideDoc-note">
        {trans.__('All come from commit %1.', known.commit.slice(0, 10))}
      </p>
    );
  }
  return (
    <Section title={trans.__('Commits')}>
      <ul className="jp-TracksideCompare-commits">
        {comparison.runs.map((run, at) => {
          const commit = commits[at];
          return (
            <li key={run.run_id}>
              <bdi>{run.run_name}</bdi>{' '}
              {commit ? (
                <>
                  <code title={commit.commit}>{commit.commit.slice(0, 10)}</code>{' '}
                  {commit.branch && <bdi>{commit.branch}</bdi>}{' '}
                  {Boolean(commit.changed) &&
                    trans._n('%1 changed file', '%1 changed files', commit.changed!)}
                </>
              ) : (
                <span className="jp-TracksideCompare-dim">{trans.__('none known')}</span>
              )}
            </li>
          );
        })}
      </ul>
    </Section>
  );
}
