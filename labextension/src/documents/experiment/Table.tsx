import * as React from 'react';

import { explain } from '../../api/request';
import { EmptyState } from '../../components/EmptyState';
import { useAfter, useRefresh, useSignal } from '../../components/hooks';
import { TransContext } from '../../shared/trans-context';
import { ChartStrip } from './ChartStrip';
import { Chooser } from './Chooser';
import type { ITableContext } from './context';
import { Grid } from './Grid';
import { Note } from './Note';
import { OnlyRecurring } from './OnlyRecurring';
import { SelectionBar } from './SelectionBar';
import { Toolbar } from './Toolbar';

/** How often an outside server is asked for news while the table is in view. */
const WHILE_OPEN = 5000;

/** The whole table, in the main area as in the output of a cell. */
export function Table(props: ITableContext): JSX.Element {
  const { table, isCompact } = props;
  const { tracks, news } = table;
  const { trans } = tracks;
  useSignal(table.changed);
  useSignal(tracks.connectionChanged);
  useSignal(tracks.infoChanged);
  const frame = useRefresh<HTMLDivElement>(table.isOutside ? WHILE_OPEN : null, () => news.poll());
  const { state, sentence } = tracks.connection;
  return (
    <TransContext.Provider value={trans}>
      <div ref={frame} className={`jp-TracksideTable-view ${isCompact ? 'jp-mod-compact' : ''}`}>
        <div className="jp-TracksideTable-header">
          <Chooser {...props} />
          {!isCompact && <Note {...props} />}
        </div>
        {(state === 'offline' || state === 'unavailable') && (
          <p className="jp-TracksideNotice jp-mod-warn" role="status">
            {sentence}
          </p>
        )}
        <Toolbar {...props} />
        <OnlyRecurring {...props} />
        {table.view.hasCharts && !isCompact && <ChartStrip {...props} />}
        <Found {...props} />
        <SelectionBar {...props} />
      </div>
    </TransContext.Provider>
  );
}

function Found(props: ITableContext): JSX.Element {
  const { table } = props;
  const { rows, news } = table;
  const { trans } = table.tracks;
  useSignal(rows.changed);
  useSignal(news.changed);
  const isLate = useAfter(rows.isLoading || !rows.root.list.hasAnswer);
  const { error } = rows;
  const { filter, life } = table.view;
  const isEmpty = rows.root.list.hasAnswer && rows.root.length === 0;
  const isOwn = error !== null && !rows.isLoading;
  // That the server is away is said above, and the table asks again by itself.
  const isAway = table.tracks.connection.state === 'offline';
  return (
    <div className="jp-TracksideTable-found" aria-busy={isLate}>
      {isOwn && !isAway && !isOfFilter(error) && (
        <div className="jp-TracksideNotice jp-mod-alert" role="alert">
          <p>{explain(error, trans)}</p>
          <button
            type="button"
            className="jp-TracksideLink"
            onClick={() => {
              table.setView({});
              rows.ask({ question: table.question, group: table.view.group });
            }}
          >
            {trans.__('Try again')}
          </button>
        </div>
      )}
      {news.arrived > 0 && (
        <button
          type="button"
          className="jp-TracksideTable-pill"
          onClick={event => {
            const scroller = event.currentTarget.parentElement?.querySelector(
              '.jp-TracksideTable-scroll'
            );
            scroller?.scrollTo({ top: 0 });
            news.show();
          }}
        >
          {trans._n('%1 new run', '%1 new runs', news.arrived)}
        </button>
      )}
      <span className="jp-TracksideHidden" role="status">
        {news.arrived > 0 ? trans._n('%1 new run', '%1 new runs', news.arrived) : ''}
      </span>
      {isEmpty ? (
        <Empty {...props} filter={filter} isTrash={life === 'DELETED_ONLY'} />
      ) : rows.root.list.hasAnswer ? (
        <Grid {...props} />
      ) : isOwn && isOfFilter(error) && filter ? (
        <Filtered
          {...props}
          sentence={trans.__('No run is shown, because the filter cannot be read.')}
        />
      ) : (
        <div className="jp-TracksideTable-shapes" aria-hidden>
          {isLate && Array.from({ length: 12 }, (_, at) => <i key={at} />)}
        </div>
      )}
    </div>
  );
}

function Empty(props: ITableContext & { filter: string; isTrash: boolean }): JSX.Element {
  const { table, filter, isTrash } = props;
  const { trans } = table.tracks;
  if (filter) {
    return <Filtered {...props} sentence={trans.__('No run matches the filter.')} />;
  }
  if (isTrash) {
    return <EmptyState trans={trans} sentence={trans.__('No run is in the trash.')} />;
  }
  return (
    <EmptyState
      trans={trans}
      sentence={trans.__('No runs yet. Log one from any notebook:')}
      code={`import mlflow\n\nmlflow.set_experiment(${JSON.stringify(table.title)})\nwith mlflow.start_run():\n    mlflow.log_metric("loss", 0.1)`}
    />
  );
}

/** Nothing is shown because of the filter. */
function Filtered({ table, sentence }: ITableContext & { sentence: string }): JSX.Element {
  const { trans } = table.tracks;
  return (
    <EmptyState trans={trans} sentence={sentence}>
      <button
        type="button"
        className="jp-TracksideLink"
        onClick={() => table.setView({ filter: '' })}
      >
        {trans.__('Clear the filter')}
      </button>
    </EmptyState>
  );
}

/** Whether the filter box says what is wrong. */
function isOfFilter(error: unknown): boolean {
  return (error as { kind?: string }).kind === 'refused';
}
