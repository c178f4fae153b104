import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import type { ChartPrefs } from '../../charts/prefs';
import { FEWEST, type IComparison, type INote } from '../../api/compare';
import { CommandIDs, type CompareTab } from '../../commands';
import { EmptyState } from '../../components/EmptyState';
import { useAfter, useRefresh, useSignal } from '../../components/hooks';
import { Action, OpenArrow } from '../../shared/Action';
import { seriesLooks } from '../../shared/chart/series';
import { TransContext } from '../../shared/trans-context';
import { type ITab, Tabs } from '../run/Tabs';
import { CodeTab } from './CodeTab';
import type { ICompareContext } from './context';
import { CurvesTab } from './CurvesTab';
import { Differences } from './Differences';
import { EnvironmentTab } from './EnvironmentTab';
import type { CompareModel } from './model';
import { noteSentence } from './notes';
import { ObjectiveBar } from './Objective';
import { PlotsTab } from './PlotsTab';
import { RunStrip } from './RunStrip';
import { sentenceOf } from './words';

/** How often runs on an outside server are asked for while they are in view. */
const WHILE_OPEN = 5000;
const WHEN_ENDED = 60_000;

/** All of a comparison: a sentence, the runs, and the parts in tabs. */
export function Comparison(props: {
  compare: CompareModel;
  commands: CommandRegistry;
  prefs: ChartPrefs;
  /** In a cell: a sentence above, and a way to the document. */
  isCompact?: boolean;
}): JSX.Element {
  const { compare, isCompact } = props;
  const { trans } = compare.tracks;
  useSignal(compare.changed);
  const { comparison, problem } = compare;
  const every = compare.isOutside ? (compare.isLive ? WHILE_OPEN : WHEN_ENDED) : null;
  const frame = useRefresh<HTMLDivElement>(every, () => compare.refresh());
  const isLate = useAfter(!comparison && !problem);
  return (
    <TransContext.Provider value={trans}>
      <div
        ref={frame}
        className={`jp-TracksideCompare${isCompact ? ' jp-mod-compact' : ''}`}
        aria-busy={!comparison && !problem}
      >
        {problem && <Problem compare={compare} />}
        {comparison ? (
          <Body {...props} comparison={comparison} />
        ) : (
          !problem && (
            <div className="jp-TracksideDoc-skeleton" aria-label={trans.__('Comparing the runs')}>
              {isLate &&
                ['60%', '40%', '100%', '100%', '100%'].map((width, at) => (
                  <i key={at} style={{ width }} />
                ))}
            </div>
          )
        )}
      </div>
    </TransContext.Provider>
  );
}

function Body(props: {
  compare: CompareModel;
  commands: CommandRegistry;
  comparison: IComparison;
  prefs: ChartPrefs;
  isCompact?: boolean;
}): JSX.Element {
  const { compare, commands, comparison, prefs, isCompact } = props;
  const { trans } = compare.tracks;
  const looks = React.useMemo(
    () => seriesLooks(comparison.runs.map(run => run.run_id)),
    [comparison.runs]
  );
  const context: ICompareContext = { compare, comparison, commands, looks };
  const tabs: ITab<CompareTab>[] = [
    {
      id: 'differences',
      label: trans.__('Differences'),
      render: () => <Differences {...context} />
    },
    {
      id: 'curves',
      label: trans.__('Curves'),
      render: () => <CurvesTab {...context} prefs={prefs} />
    },
    { id: 'code', label: trans.__('Code'), render: () => <CodeTab {...context} /> },
    {
      id: 'environment',
      label: trans.__('Environment'),
      render: () => <EnvironmentTab {...context} />
    },
    { id: 'plots', label: trans.__('Plots'), render: () => <PlotsTab {...context} /> }
  ];
  return (
    <>
      <div className="jp-TracksideDoc-header">
        <h1 className="jp-TracksideCompare-sentence">{sentenceOf(comparison, trans)}</h1>
        <RunStrip {...context} />
        <div className="jp-TracksideCompare-bar">
          <ObjectiveBar {...context} />
          {isCompact && (
            <Action
              label={trans.__('Open')}
              icon={<OpenArrow />}
              title={trans.__('Open the comparison in the main area')}
              onClick={() => commands.execute(CommandIDs.compareRuns, compare.openArgs)}
            />
          )}
        </div>
        <Notes notes={comparison.notes} trans={trans} />
      </div>
      <Tabs
        label={trans.__('Parts of the comparison')}
        tabs={tabs}
        current={compare.tab}
        onChoose={tab => {
          compare.tab = tab;
        }}
      />
    </>
  );
}

/** What is cut short or not known: the first note, and behind it the others. */
function Notes(props: {
  notes: readonly INote[];
  trans: CompareModel['tracks']['trans'];
}): JSX.Element | null {
  const { trans } = props;
  const notes = props.notes.map(note => noteSentence(note, trans));
  if (notes.length < 2) {
    return notes.length > 0 ? <p className="jp-TracksideCompare-dim">{notes[0]}</p> : null;
  }
  return (
    <details className="jp-TracksideCompare-notes">
      <summary>
        {notes[0]} {trans._n('And %1 more note.', 'And %1 more notes.', notes.length - 1)}
      </summary>
      <ul>
        {notes.slice(1).map(note => (
          <li key={note}>{note}</li>
        ))}
      </ul>
    </details>
  );
}

/** What is wrong, and what to do about it. */
function Problem(props: { compare: CompareModel }): JSX.Element {
  const { compare } = props;
  const { trans } = compare.tracks;
  const { missing, runIds } = compare;
  const left = runIds.filter(id => !missing.includes(id));
  if (runIds.length < FEWEST) {
    return (
      <EmptyState
        sentence={trans.__('Two runs or more can be compared. Choose some, or in a notebook:')}
        code={'import trackside as ts\n\nts.compare(ts.runs().head(5))'}
        trans={trans}
      >
        <Choose compare={compare} />
      </EmptyState>
    );
  }
  return (
    <div className="jp-TracksideNotice jp-mod-alert" role="alert">
      <p>{compare.problem}</p>
      <div className="jp-TracksideNotice-actions">
        {missing.length > 0 && left.length >= FEWEST ? (
          <Action
            label={trans.__('Compare the others')}
            strong
            onClick={() => compare.setRuns(left)}
          />
        ) : missing.length > 0 ? (
          <Choose compare={compare} />
        ) : (
          <Action label={trans.__('Try again')} onClick={() => compare.refresh()} />
        )}
      </div>
    </div>
  );
}

function Choose(props: { compare: CompareModel }): JSX.Element {
  const { compare } = props;
  const { trans } = compare.tracks;
  return (
    <Action
      label={trans.__('Choose runs…')}
      strong
      onClick={async () => {
        const { pickRuns } = await import('./picker');
        const known = compare.runIds.filter(id => !compare.missing.includes(id));
        const ids = await pickRuns(compare.tracks, known);
        if (ids) {
          compare.setRuns(ids);
        }
      }}
    />
  );
}
