import * as React from 'react';

import type { RunTab } from '../../commands';
import { useAfter, useRefresh, useSignal } from '../../components/hooks';
import { outsideOf } from '../../models/outside';
import { Action } from '../../shared/Action';
import { TransContext } from '../../shared/trans-context';
import { ArtifactsTab } from './ArtifactsTab';
import { ChartsTab } from './ChartsTab';
import { CodeTab } from './CodeTab';
import type { IRunContext } from './context';
import { EnvironmentTab } from './EnvironmentTab';
import { Header } from './Header';
import { LogsTab } from './LogsTab';
import { Overview } from './Overview';
import { isSystem } from './system';
import { SystemTab } from './SystemTab';
import { Tabs, type ITab } from './Tabs';

/** How often a run on an outside server is asked for while it is in view. */
const WHILE_OPEN = 5000;
const WHEN_ENDED = 60_000;

/** The document of a run. */
export function RunView(props: IRunContext): JSX.Element {
  const { run: document } = props;
  const { tracks } = document;
  const { trans } = tracks;
  useSignal(document.changed);
  const status = document.run?.info.status;
  const isOpen = !status || status === 'RUNNING' || status === 'SCHEDULED';
  const frame = useRefresh<HTMLDivElement>(
    outsideOf(tracks.info) ? (isOpen ? WHILE_OPEN : WHEN_ENDED) : null,
    () => document.refresh()
  );
  const isLoading = !document.run && !document.problem;
  const isLate = useAfter(isLoading);
  if (!document.run && !document.job) {
    return (
      <div ref={frame}>
        {document.problem ? (
          <div className="jp-TracksideEmpty" role="alert">
            <p>{document.problem}</p>
            <Action label={trans.__('Try again')} onClick={() => document.refresh()} />
          </div>
        ) : (
          <Skeleton isShown={isLate} label={trans.__('Loading the run')} />
        )}
      </div>
    );
  }
  // A job may be known before its run; what is not known is not said to be empty.
  const whenHere = (render: () => JSX.Element) => (): JSX.Element =>
    document.run ? (
      render()
    ) : document.problem ? (
      <p className="jp-TracksideDoc-note">{trans.__('This is not known until the run is here.')}</p>
    ) : (
      <Skeleton isShown={isLate} label={trans.__('Loading the run')} />
    );
  const hasSystem = [...(document.run?.metrics.keys() ?? [])].some(isSystem);
  const tabs: ITab<RunTab>[] = [
    {
      id: 'overview',
      label: trans.__('Overview'),
      render: whenHere(() => <Overview {...props} />)
    },
    { id: 'charts', label: trans.__('Charts'), render: whenHere(() => <ChartsTab {...props} />) },
    ...(hasSystem
      ? [
          {
            id: 'system' as const,
            label: trans.__('System'),
            render: () => <SystemTab {...props} />
          }
        ]
      : []),
    { id: 'logs', label: trans.__('Logs'), render: () => <LogsTab {...props} /> },
    { id: 'artifacts', label: trans.__('Artifacts'), render: () => <ArtifactsTab {...props} /> },
    { id: 'code', label: trans.__('Code'), render: () => <CodeTab {...props} /> },
    {
      id: 'environment',
      label: trans.__('Environment'),
      render: () => <EnvironmentTab {...props} />
    }
  ];
  return (
    <TransContext.Provider value={trans}>
      <div ref={frame}>
        <Header {...props} />
      </div>
      <Tabs
        label={trans.__('Parts of the run')}
        tabs={tabs}
        current={tabs.some(tab => tab.id === document.tab) ? document.tab : 'overview'}
        onChoose={tab => {
          document.tab = tab;
        }}
      />
    </TransContext.Provider>
  );
}

/** The shape of what comes. */
function Skeleton(props: { isShown: boolean; label: string }): JSX.Element {
  return (
    <div className="jp-TracksideDoc-skeleton" aria-busy="true" aria-label={props.label}>
      {props.isShown &&
        ['40%', '60%', '100%', '100%', '100%'].map((width, at) => <i key={at} style={{ width }} />)}
    </div>
  );
}
