import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { ISpec } from '../../pipelines/ir';
import { layout } from '../../pipelines/layout';
import { scopeOf } from '../../pipelines/paths';
import { layerAt, planOf, specTaskAt } from '../../pipelines/scene';
import { Action } from '../../shared/Action';
import { GraphView } from '../../shared/graph/GraphView';
import { useKeptFocus } from '../../shared/graph/useKeptFocus';

const NOT_CRITICAL = { nodes: new Set<string>(), has: () => false };

/** The graph of a compiled pipeline, layer by layer. */
export function VersionGraph(props: {
  spec: ISpec;
  name: string;
  trans: TranslationBundle;
}): JSX.Element {
  const { spec, name, trans } = props;
  const [scope, setScope] = React.useState('');
  const [chosen, setChosen] = React.useState<string | null>(null);
  const graph = React.useMemo(() => planOf(spec, scope), [spec, scope]);
  const places = React.useMemo(() => layout(graph), [graph]);
  const frame = useKeptFocus<HTMLDivElement>(scope);
  const up = (): void => {
    setChosen(scope);
    setScope(scopeOf(scope));
  };
  const title = specTaskAt(spec, scope)?.title ?? name;
  return (
    <div ref={frame} className="jp-TracksidePipelineDoc-graph">
      {scope && (
        <div>
          <Action label={trans.__('Up')} onClick={up} /> {title}
        </div>
      )}
      <GraphView
        key={scope}
        label={trans.__('Tasks of %1', title)}
        graph={graph}
        layout={places}
        chosen={chosen}
        critical={NOT_CRITICAL}
        onChoose={setChosen}
        onOpen={id => {
          if (layerAt(spec, id)) {
            setChosen(null);
            setScope(id);
          }
        }}
        onUp={scope ? up : undefined}
      />
    </div>
  );
}
