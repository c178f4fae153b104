import * as React from 'react';

import { ChartsBar } from '../../charts/ChartsBar';
import { MetricChart, type Zoom } from '../../charts/MetricChart';
import { useSignal } from '../../components/hooks';
import type { IRunContext } from './context';
import { Section } from './Facts';
import { useChartRun } from './hooks';
import { measuresOf, partTitle } from './system';

/** The tab of what the machine measured while the run went on: CPU, memory, GPU, disk, network. */
export function SystemTab(props: IRunContext): JSX.Element {
  const { run: document, systemPrefs: prefs } = props;
  const { run, tracks, curves } = document;
  const { trans } = tracks;
  useSignal(prefs.changed);
  const runs = useChartRun(document);
  const [query, setQuery] = React.useState('');
  const [zoom, setZoom] = React.useState<Zoom>(null);
  const [tall, setTall] = React.useState<string | null>(null);
  const { axis } = prefs.value;
  React.useEffect(() => setZoom(null), [axis]);
  const onTall = React.useCallback(
    (metric: string) => setTall(before => (before === metric ? null : metric)),
    []
  );
  const syncKey = React.useId();
  const keys = React.useMemo(() => [...(run?.metrics.keys() ?? [])], [run]);
  const parts = React.useMemo(() => measuresOf(keys, trans), [keys, trans]);
  const wanted = query.trim().toLowerCase();
  return (
    <div className="jp-TracksideCharts">
      <ChartsBar prefs={prefs} count={keys.length} query={query} onQuery={setQuery} />
      {[...parts].map(([part, measures]) => {
        const shown = measures.filter(({ title, key }) =>
          `${title} ${key}`.toLowerCase().includes(wanted)
        );
        return (
          shown.length > 0 && (
            <Section key={part} title={partTitle(part, trans)}>
              <div className="jp-TracksideCharts-grid">
                {shown.map(({ key, title, format }) => (
                  <MetricChart
                    key={key}
                    curves={curves}
                    runs={runs}
                    prefs={prefs}
                    metric={key}
                    title={title}
                    format={format}
                    zoom={zoom}
                    onZoom={setZoom}
                    syncKey={syncKey}
                    isTall={key === tall}
                    onTall={onTall}
                  />
                ))}
              </div>
            </Section>
          )
        );
      })}
    </div>
  );
}
