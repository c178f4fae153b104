import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import { CommandIDs, DATA_PIPELINE_RUN } from '../../commands';
import { useRefresh, useSignal, useSlowNow } from '../../components/hooks';
import { OnlyRuns } from '../../components/OnlyRuns';
import { Skeleton } from '../../components/Skeleton';
import { VirtualList } from '../../components/VirtualList';
import { WHILE_LISTED } from '../../models/kfp';
import { describeRun } from '../../panel/pipelines/RunLine';
import { count } from '../../shared/format';
import { Heading } from './Heading';
import type { RunsDocumentModel } from './model';
import { NoRuns } from './NoRuns';
import { RunRow, TEMPLATE } from './RunRow';
import { RunsBar } from './RunsBar';
import { SelectionBar } from './SelectionBar';

/** Below this width the list scrolls sideways. */
const LEAST = 620;

/** All pipeline runs of a place as a list. */
export function PipelineRunsView(props: {
  document: RunsDocumentModel;
  commands: CommandRegistry;
}): JSX.Element {
  const { document, commands } = props;
  const { runs, selection, tracks, recurring, place } = document;
  const { trans } = tracks;
  useSignal(document.changed);
  useSignal(tracks.kfp.changed);
  // A KFP server tells of nothing by itself.
  const frame = useRefresh<HTMLDivElement>(place === 'kfp' ? WHILE_LISTED : null, () =>
    runs.refresh()
  );
  const now = useSlowNow();
  const { items, total } = runs;
  return (
    <div ref={frame} className="jp-TracksideTrash-body">
      <div className="jp-TracksideDoc-header">
        <div className="jp-TracksideDoc-title">
          <h1>{trans.__('Pipeline runs')}</h1>
          {place === 'kfp' && (
            <span className="jp-TracksideCard-dim" title={trans.__('On this KFP server')}>
              {tracks.kfp.status.host}
            </span>
          )}
          <span role="status">
            {total !== null && trans._n('%1 run', '%1 runs', total, count(total))}
          </span>
        </div>
        {recurring && <OnlyRuns name={recurring} onAll={() => document.show({})} trans={trans} />}
        {runs.error && (
          <p className="jp-TracksideNotice jp-mod-alert" role="alert">
            {runs.error}
          </p>
        )}
      </div>
      {selection.isEmpty ? (
        <RunsBar document={document} />
      ) : (
        <SelectionBar document={document} commands={commands} />
      )}
      {items.length > 0 ? (
        <VirtualList
          label={trans.__('Pipeline runs')}
          template={TEMPLATE}
          minWidth={LEAST}
          items={items}
          keyOf={run => run.run_id}
          describe={run => describeRun(run, trans)}
          header={<Heading document={document} />}
          renderRow={run => <RunRow {...props} run={run} now={now} />}
          attributes={run => ({ [DATA_PIPELINE_RUN]: run.run_id })}
          selection={selection}
          onOpen={run =>
            void commands.execute(CommandIDs.openPipelineRun, {
              run_id: run.run_id,
              name: run.name
            })
          }
          onDelete={run =>
            void commands.execute(
              runs.asked.archived ? CommandIDs.deletePipelineRuns : CommandIDs.archivePipelineRuns,
              {
                pipeline_runs: selection.has(run.run_id) ? [...selection.ids] : [run.run_id]
              }
            )
          }
          onEnd={() => void runs.loadMore()}
        />
      ) : runs.isLoading ? (
        <Skeleton rows={6} />
      ) : (
        !runs.error && <NoRuns runs={runs} trans={trans} />
      )}
    </div>
  );
}
