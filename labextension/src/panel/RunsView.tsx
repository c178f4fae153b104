import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import type { IRun } from '../api/types';
import { CommandIDs, DATA_JOB, DATA_RUN, DATA_SELECTED } from '../commands';
import { EmptyState } from '../components/EmptyState';
import { useAfter, useSignal, useSlowNow, useSteady, useWidth } from '../components/hooks';
import { IconButton } from '../components/IconButton';
import { Skeleton } from '../components/Skeleton';
import { VirtualList } from '../components/VirtualList';
import { autoColumns, type Field } from '../models/fields';
import { outsideOf } from '../models/outside';
import type { RunsModel } from '../models/runs';
import { Selection } from '../models/selection';
import { questionOf } from '../models/view';
import { experimentIcon } from '../documents/experiment/icon';
import { Away } from './Away';
import { FilterBox } from './FilterBox';
import { columnsIcon } from './icons';
import { describeRun, openArgs, RunRow } from './RunRow';
import { RunsHeader } from './RunsHeader';
import { deleteSelected, RunsSelection } from './RunsSelection';
import { Source } from './Source';
import { ViewOptions } from './ViewOptions';

const ERROR_ID = 'jp-trackside-filter-error';

const EXAMPLE = `import mlflow
mlflow.autolog()`;

/** The runs: what to look for, and what was found. */
export function RunsView(props: {
  runs: RunsModel;
  commands: CommandRegistry;
}): React.ReactElement {
  const { runs, commands } = props;
  const { model, view, error } = runs;
  const { trans } = model;
  useSignal(runs.changed);
  useSignal(model.connectionChanged);
  useSignal(model.infoChanged);
  const [selection] = React.useState(() => new Selection());
  useSignal(selection.changed);
  const question = questionOf(view);
  React.useEffect(() => selection.clear(), [selection, question]);
  const [optionsOpen, setOptionsOpen] = React.useState(false);
  const isSlow = useAfter(runs.isLoading, 400);
  const [frame, width] = useWidth();
  const columns = view.columns ?? autoColumns(runs.runs, columnCount(width), mainMetrics(runs));
  const { state } = model.connection;
  const outside = outsideOf(model.info);
  // What is said above about an outside server is not the fault of the filter.
  const isAway = outside?.state === 'unreachable' || outside?.state === 'refused';
  const isOk = state === 'ok' && !isAway;

  if (state !== 'ok' && state !== 'connecting' && runs.runs.length === 0) {
    return <Away trans={trans} />;
  }
  return (
    <>
      <Source runs={runs} />
      <div className="jp-TracksideRuns-bar">
        <select
          className="jp-TracksideSelect"
          aria-label={trans.__('Experiment')}
          value={view.experimentId ?? ''}
          onChange={event => runs.setView({ experimentId: event.target.value || null })}
        >
          <option value="">{trans.__('All experiments')}</option>
          {runs.experiments.map(({ experiment_id, name }) => (
            <option key={experiment_id} value={experiment_id}>
              {name}
            </option>
          ))}
        </select>
        <FilterBox
          value={view.filter}
          onChange={filter => runs.setView({ filter })}
          errorId={error && isOk ? ERROR_ID : undefined}
          trans={trans}
        />
        <IconButton
          icon={columnsIcon}
          label={trans.__('Columns and order')}
          expanded={optionsOpen}
          onClick={() => setOptionsOpen(!optionsOpen)}
        />
        <IconButton
          icon={experimentIcon}
          label={trans.__('Open table')}
          onClick={() => void commands.execute(CommandIDs.openExperiment, tableArgs(runs))}
        />
      </div>
      {error && isOk && (
        <p id={ERROR_ID} className="jp-TracksideNotice jp-mod-alert" role="alert">
          {error}
        </p>
      )}
      {optionsOpen && (
        <ViewOptions
          runs={runs.runs}
          view={view}
          columns={columns}
          onChange={change => runs.setView(change)}
          onClose={() => setOptionsOpen(false)}
          trans={trans}
        />
      )}
      <div
        ref={frame}
        className="jp-TracksideRuns-found"
        aria-busy={isSlow}
        {...{ [DATA_SELECTED]: [...selection.ids].join(' ') }}
      >
        <Found
          runs={runs}
          columns={columns}
          selection={selection}
          commands={commands}
          isAway={!isOk}
        />
      </div>
      {!selection.isEmpty && (
        <RunsSelection selection={selection} commands={commands} trans={trans} />
      )}
    </>
  );
}

function Found(props: {
  runs: RunsModel;
  columns: readonly Field[];
  selection: Selection;
  commands: CommandRegistry;
  /** Whether what is wrong is said above the sections. */
  isAway: boolean;
}): React.ReactElement {
  const { runs, columns, selection, commands, isAway } = props;
  const { model, view } = runs;
  const { trans } = model;
  const now = useSlowNow();
  const [held, setHeld] = React.useState(false);
  // Another question may bring another order even under the pointer: the user asked for it.
  const question = `${view.experimentId} ${view.filter} ${view.order.field} ${view.order.descending}`;
  const asked = React.useRef(question);
  const isNew = asked.current !== question || runs.isLoading;
  asked.current = question;
  const items = useSteady(runs.runs, keyOf, held && !isNew);

  if (items.length === 0) {
    if (runs.isLoading) {
      return <Skeleton rows={5} />;
    }
    if (runs.error) {
      return isAway ? <Away trans={trans} /> : <></>;
    }
    return view.filter ? (
      <EmptyState trans={trans} sentence={trans.__('No run matches the filter.')}>
        <button className="jp-TracksideLink" onClick={() => runs.setView({ filter: '' })}>
          {trans.__('Clear the filter')}
        </button>
      </EmptyState>
    ) : (
      <EmptyState
        trans={trans}
        sentence={trans.__('No runs yet. Log one from any notebook:')}
        code={EXAMPLE}
      />
    );
  }
  const jobOf = (run: IRun): ReturnType<typeof model.jobOfRun> => model.jobOfRun(run.info.run_id);
  return (
    <VirtualList
      label={trans.__('Runs')}
      className={selection.isEmpty ? 'jp-TracksideRuns' : 'jp-TracksideRuns jp-mod-selecting'}
      selection={selection}
      items={items}
      keyOf={keyOf}
      {...layout(columns)}
      header={
        <RunsHeader
          columns={columns}
          order={view.order}
          onOrder={order => runs.setView({ order })}
          trans={trans}
        />
      }
      describe={run => describeRun(run, columns, trans, now)}
      renderRow={run => (
        <RunRow
          run={run}
          job={jobOf(run)}
          columns={columns}
          isSelected={selection.has(run.info.run_id)}
          now={now}
          commands={commands}
          trans={trans}
        />
      )}
      attributes={run => ({
        [DATA_RUN]: run.info.run_id,
        [DATA_JOB]: jobOf(run)?.job_id
      })}
      onOpen={run => void commands.execute(CommandIDs.openRun, openArgs(run, jobOf(run)))}
      onDelete={run =>
        void (selection.isEmpty
          ? commands.execute(CommandIDs.deleteRun, { run: run.info.run_id })
          : deleteSelected(selection, commands))
      }
      onEnd={() => void runs.loadMore()}
      onHeld={setHeld}
    />
  );
}

/** How many columns fit. */
function columnCount(width: number): number {
  if (width < 268) {
    return 1;
  }
  return width < 400 ? 2 : Math.min(8, Math.floor((width - 160) / 80));
}

/** The widths of the columns: they share what there is, down to a least that scrolls. */
function layout(columns: readonly Field[]): { template: string; minWidth: number } {
  const values = columns.map(() => 'minmax(50px, 0.5fr)').join(' ');
  return {
    template: `10px minmax(50px, 1fr) ${values} minmax(70px, 0.4fr)`,
    minWidth: 156 + columns.length * 56
  };
}

/** The table that shows the same runs; all experiments are too many for one, so then the last used. */
function tableArgs({ view }: RunsModel): Record<string, string | string[]> {
  return {
    ...(view.experimentId && { experiment_ids: [view.experimentId] }),
    ...(view.filter && { filter: view.filter })
  };
}

function mainMetrics(runs: RunsModel): string[] {
  const names = runs.runs.map(run => runs.model.jobOfRun(run.info.run_id)?.main_metric);
  return [...new Set(names.filter((name): name is string => Boolean(name)))];
}

function keyOf(run: IRun): string {
  return run.info.run_id;
}
