import * as React from 'react';

import { CommandIDs } from '../../commands';
import { criticalPath, edgeKey } from '../../pipelines/critical';
import { layout } from '../../pipelines/layout';
import { drawnAs, scopeOf } from '../../pipelines/paths';
import { sceneOf } from '../../pipelines/scene';
import { GraphView } from '../../shared/graph/GraphView';
import type { IGraph, ILayout } from '../../shared/graph/types';
import { useKeptFocus } from '../../shared/graph/useKeptFocus';
import { useTrans } from '../../shared/trans-context';
import { Breadcrumb } from './Breadcrumb';
import type { IPipelineContext } from './context';
import { Legend } from './Legend';
import { titleOf } from './titles';

/** One layer of the pipeline, and the way to it. */
export function GraphPane(props: IPipelineContext): JSX.Element {
  const { document, commands, compact } = props;
  const { scope, spec, tree, chosen } = document;
  const trans = useTrans();
  const graph = React.useMemo(() => sceneOf(spec, tree, scope), [spec, tree, scope]);
  const places = useLayout(graph);
  const critical = React.useMemo(() => {
    const { nodes, edges } = criticalPath(graph, Date.now());
    return { nodes, has: (edge: { from: string; to: string }) => edges.has(edgeKey(edge)) };
  }, [graph]);
  const shown = chosen !== null && scopeOf(chosen) === scope ? drawnAs(chosen) : null;
  const frame = useKeptFocus<HTMLDivElement>(scope);
  const sheet = (): void =>
    window.document.getElementById(`trackside-sheet-${document.runId}`)?.focus();
  return (
    <div ref={frame} className="jp-TracksidePipeline-graph">
      <Breadcrumb {...props} />
      {graph.nodes.length ? (
        <GraphView
          key={drawnAs(scope)}
          label={trans.__('Tasks of %1', scope ? titleOf(document, scope) : document.name)}
          graph={graph}
          layout={places}
          chosen={shown}
          critical={critical}
          onChoose={id => document.choose(id)}
          onOpen={id => {
            if (document.enter(id)) {
              return;
            }
            document.choose(id);
            if (compact) {
              void commands.execute(CommandIDs.openPipelineRun, {
                run_id: document.runId,
                name: document.name,
                task: id
              });
            } else {
              sheet();
            }
          }}
          wheelNeedsKey={compact}
          onUp={scope ? () => document.leave() : undefined}
        />
      ) : (
        <p className="jp-TracksideDoc-note">
          {document.isLive
            ? trans.__('No task has begun yet.')
            : trans.__('The server tells of no tasks of this run.')}
        </p>
      )}
      <Legend graph={graph} hasCritical={critical.nodes.size > 0} />
    </div>
  );
}

/** The places change only with the shape, not with the states. */
function useLayout(graph: IGraph): ILayout {
  const shape = JSON.stringify([
    graph.nodes.map(({ id }) => drawnAs(id.replace(/\[\d+\]/g, ''))),
    graph.edges.map(({ from, to }) => [from, to])
  ]);
  return React.useMemo(() => layout(graph), [shape, graph.nodes[0]?.id]);
}
