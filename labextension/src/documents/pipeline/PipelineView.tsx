import * as React from 'react';

import { Splitter } from '../../components/Splitter';
import { useAfter, useRefresh, useSignal, useWidth } from '../../components/hooks';
import { WHILE_LIVE } from '../../models/kfp';
import { Action } from '../../shared/Action';
import { TransContext } from '../../shared/trans-context';
import type { IPipelineContext } from './context';
import { Gantt } from './Gantt';
import { GraphPane } from './GraphPane';
import { Head } from './Head';
import { Sheet } from './Sheet';

/** How large the parts can be, in pixels. */
const SHEET = { first: 360, least: 220 };
const BARS = { first: 190, least: 60 };
const GRAPH_LEAST = 160;

/** Where the sheet stands below the graph. */
const NARROW = 720;

/** The document of a pipeline run: the graph, the sheet of what is chosen in it, and the time that all took. */
export function PipelineView(props: IPipelineContext): JSX.Element {
  const { document } = props;
  const { trans } = document.tracks;
  useSignal(document.changed);
  useSignal(document.tracks.kfp.changed);
  const frame = useRefresh<HTMLDivElement>(document.isWatched ? WHILE_LIVE : null, () =>
    document.refresh()
  );
  const [measure, width] = useWidth();
  const [sheet, setSheet] = React.useState(SHEET.first);
  const [bars, setBars] = React.useState(BARS.first);
  const isLate = useAfter(!document.run && !document.problem);
  if (!document.run) {
    return document.problem ? (
      <div ref={frame} className="jp-TracksideEmpty" role="alert">
        <p>{document.problem}</p>
        <Action label={trans.__('Try again')} onClick={() => document.refresh()} />
      </div>
    ) : (
      <div
        ref={frame}
        className="jp-TracksideDoc-skeleton"
        aria-busy="true"
        aria-label={trans.__('Loading the pipeline run')}
      >
        {isLate &&
          ['40%', '100%', '100%', '60%'].map((length, at) => (
            <i key={at} style={{ width: length }} />
          ))}
      </div>
    );
  }
  const isNarrow = width > 0 && width < NARROW;
  const room = width || 1000;
  return (
    <TransContext.Provider value={trans}>
      <div ref={frame}>
        <Head {...props} />
      </div>
      <div
        ref={measure}
        className={`jp-TracksidePipeline-body${isNarrow ? ' jp-mod-narrow' : ''}`}
        style={
          {
            '--jp-trackside-sheet': `${sheet}px`,
            '--jp-trackside-bars': `${bars}px`
          } as React.CSSProperties
        }
      >
        <div className="jp-TracksidePipeline-upper">
          <GraphPane {...props} />
          {!isNarrow && (
            <Splitter
              label={trans.__('Width of the side sheet')}
              orientation="vertical"
              size={Math.min(sheet, Math.max(SHEET.least, room - GRAPH_LEAST))}
              least={SHEET.least}
              most={room - GRAPH_LEAST}
              onSize={setSheet}
            />
          )}
          <Sheet {...props} />
        </div>
        <Splitter
          label={trans.__('Height of the timeline')}
          orientation="horizontal"
          size={bars}
          least={BARS.least}
          most={600}
          onSize={setBars}
        />
        <Gantt {...props} />
      </div>
    </TransContext.Provider>
  );
}
