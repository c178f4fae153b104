import * as React from 'react';

import type { IGraph } from '../../shared/graph/types';
import { useTrans } from '../../shared/trans-context';

/** What the lines of a graph mean. */
export function Legend(props: { graph: IGraph; hasCritical: boolean }): JSX.Element | null {
  const { graph, hasCritical } = props;
  const trans = useTrans();
  const has = (kind: 'data' | 'order'): boolean => graph.edges.some(edge => edge.kind === kind);
  const lines: [string, string][] = [];
  if (has('data')) {
    lines.push(['jp-mod-data', trans.__('values')]);
  }
  if (has('order')) {
    lines.push(['jp-mod-order', trans.__('only order')]);
  }
  if (hasCritical) {
    lines.push(['jp-mod-data jp-mod-critical', trans.__('critical path')]);
  }
  if (!lines.length) {
    return null;
  }
  return (
    <ul className="jp-TracksidePipeline-legend" aria-label={trans.__('Lines')}>
      {lines.map(([kind, word]) => (
        <li key={kind}>
          <svg width="22" height="8" aria-hidden>
            <path className={`jp-TracksideGraph-edge ${kind}`} d="M0 4h22" />
          </svg>
          {word}
        </li>
      ))}
    </ul>
  );
}
