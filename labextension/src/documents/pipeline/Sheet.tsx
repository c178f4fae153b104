import * as React from 'react';

import { hasEnded } from '../../api/types';
import { LogView } from '../../components/logs/LogView';
import { drawnAs, indexOf } from '../../pipelines/paths';
import { specTaskAt } from '../../pipelines/scene';
import type { ITask } from '../../pipelines/tasks';
import { sentence } from '../../shared/card/facts';
import { useNow } from '../../shared/clock';
import { kindWord, stateWord, timeWord } from '../../shared/graph/words';
import { StateIcon } from '../../shared/StateIcon';
import { isLive, stateLook } from '../../shared/states';
import { useTrans } from '../../shared/trans-context';
import { type ITab, Tabs } from '../run/Tabs';
import { Artifacts, countArtifacts } from './Artifacts';
import type { IPipelineContext } from './context';
import { IterationPicker } from './IterationPicker';
import type { PipelineRunModel } from './model';
import { TaskActions } from './TaskActions';
import { TaskLog } from './TaskLog';
import { titleOf } from './titles';
import { Values } from './Values';

type SheetTab = 'values' | 'files' | 'logs';

/** What is chosen in the graph: how it stands, what went in and came out, and what it printed. */
export function Sheet(props: IPipelineContext): JSX.Element {
  const { document } = props;
  const { subject, tree, spec, tracks } = document;
  const trans = useTrans();
  const [tab, setTab] = React.useState<SheetTab>('values');
  const task = tree.byPath.get(subject);
  const compiled = spec && specTaskAt(spec, subject);
  const title = subject ? titleOf(document, subject) : trans.__('The whole run');
  const index = indexOf(subject);
  const artifacts = task ? countArtifacts(task) : 0;
  const job = task?.jobId ? tracks.jobs.get(task.jobId) : undefined;
  // A task runs from when it is handed over; where its job waits, that says what for.
  const why = task?.message || (job && !hasEnded(job) ? sentence(job, tracks.trans) : '');
  const tabs: ITab<SheetTab>[] = [
    {
      id: 'values',
      label: trans.__('Values'),
      render: () => <Values {...props} task={task} compiled={compiled} />
    },
    ...(task && artifacts
      ? [
          {
            id: 'files' as const,
            label: trans.__('Artifacts (%1)', artifacts),
            render: () => <Artifacts {...props} task={task} />
          }
        ]
      : []),
    ...(task?.jobId
      ? [
          {
            id: 'logs' as const,
            label: trans.__('Log'),
            render: () => <LogView key={task.jobId} model={tracks} job={task.jobId} />
          }
        ]
      : []),
    ...(task && document.place === 'kfp' && task.type === 'RUNTIME' && task.started !== null
      ? [
          {
            id: 'logs' as const,
            label: trans.__('Log'),
            render: () => <TaskLog key={task.id} {...props} task={task} />
          }
        ]
      : [])
  ];
  // Which iteration the graph shows is chosen above the graph.
  const hasIterations =
    document.isLoop(subject) &&
    drawnAs(subject) !== drawnAs(document.scope) &&
    tree.iterationsOf(drawnAs(subject)).length > 0;
  return (
    <section
      id={`trackside-sheet-${document.runId}`}
      className="jp-TracksideSide"
      aria-label={title}
      tabIndex={-1}
      onKeyDown={event => {
        if (event.key === 'Escape') {
          event.stopPropagation();
          backToGraph(event.currentTarget);
        }
      }}
    >
      <header>
        <div className="jp-TracksideSide-title">
          <StateIcon state={tree.stateOf(subject) || 'PENDING'} />
          <h2 title={subject}>
            {index === null ? title : trans.__('%1, iteration %2', title, index)}
          </h2>
        </div>
        <TaskFacts
          document={document}
          task={task}
          kind={compiled ? kindWord(compiled.kind, trans) : ''}
        />
        {compiled?.condition && (
          <p>
            {trans.__('Runs if')} <code>{compiled.condition}</code>
          </p>
        )}
        {task && why && (
          <p className={`jp-TracksideCard-why jp-mod-${stateLook(task.state).tone}`}>{why}</p>
        )}
        {task && task.unheeded.length > 0 && (
          <ul className="jp-TracksideSide-unheeded" aria-label={trans.__('Not as on the cluster')}>
            {task.unheeded.map(one => (
              <li key={one}>{one}</li>
            ))}
          </ul>
        )}
        {!task && subject && (
          <p className="jp-TracksideDoc-note">
            {tree.stateOf(subject)
              ? trans.__('The run has not come here yet.')
              : trans.__('The run ended before it came here.')}
          </p>
        )}
        {hasIterations && (
          <IterationPicker document={document} loop={drawnAs(subject)} index={index} />
        )}
        <TaskActions {...props} task={task} />
      </header>
      <Tabs
        key={subject}
        label={trans.__('Parts of the task')}
        tabs={tabs}
        current={tabs.some(one => one.id === tab) ? tab : 'values'}
        onChoose={setTab}
      />
    </section>
  );
}

function TaskFacts(props: {
  document: PipelineRunModel;
  task: ITask | undefined;
  kind: string;
}): JSX.Element {
  const { document, task, kind } = props;
  const { tree, subject } = document;
  const trans = useTrans();
  const now = useNow(task !== undefined && isLive(task.state));
  const facts = [
    kind,
    stateWord(tree.stateOf(subject), trans),
    task && timeWord(task.path ? task : { ...task, started: document.started }, now, trans),
    task && task.attempt > 1 && trans.__('attempt %1 of %2', task.attempt, task.attempts)
  ];
  return <p className="jp-TracksideSide-facts">{facts.filter(Boolean).join(' · ')}</p>;
}

function backToGraph(sheet: HTMLElement): void {
  sheet.parentElement?.querySelector<HTMLElement>('.jp-TracksideGraph-node[tabindex="0"]')?.focus();
}
