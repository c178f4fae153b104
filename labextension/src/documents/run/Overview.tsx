import * as React from 'react';

import { CommandIDs } from '../../commands';
import { EmptyState } from '../../components/EmptyState';
import { memory, moment, number } from '../../shared/format';
import { silence, sizeText } from '../../shared/card/facts';
import { ClusterSection } from './ClusterSection';
import type { IRunContext } from './context';
import { Facts, Section } from './Facts';
import { KeyTable } from './KeyTable';
import { MetricsTable } from './MetricsTable';
import { gitFacts, isShownElsewhere, sourceName } from './provenance';
import { Traceback } from '../../shared/card/Traceback';
import { useFetched } from './hooks';

const LOG_CODE = `import trackside as ts

ts.log({"loss": 0.21}, step=1)`;

/** The first tab: what went in, what came out, who and from where. */
export function Overview(props: IRunContext): JSX.Element {
  const { run: document } = props;
  const { run, job, tracks } = document;
  const { trans } = tracks;
  const params = run ? [...run.params] : [];
  const tags = run ? [...run.tags].filter(([key]) => !isShownElsewhere(key)) : [];
  const note = run?.tags.get('mlflow.note.content');
  const quiet = job ? silence(job) : '';
  return (
    <div className="jp-TracksideOverview">
      <div className="jp-TracksideOverview-main">
        {job?.state === 'FAILED' && <FailureSection {...props} jobId={job.job_id} />}
        <Section title={trans.__('Metrics')}>
          {run && run.metrics.size > 0 ? (
            <>
              <MetricsTable {...props} />
              <Recognised {...props} />
            </>
          ) : (
            <EmptyState
              sentence={
                quiet ||
                trans.__('No metrics yet. Print name=value in the job, or log them from anywhere:')
              }
              code={LOG_CODE}
              trans={trans}
            />
          )}
        </Section>
        {job?.cluster && <ClusterSection run={document} cluster={job.cluster} />}
        <Section title={trans.__('Params')}>
          {params.length > 0 ? (
            <KeyTable rows={params} label={trans.__('Params')} trans={trans} />
          ) : (
            <p className="jp-TracksideDoc-note">{trans.__('This run has no params.')}</p>
          )}
        </Section>
      </div>
      <div className="jp-TracksideOverview-side">
        {note && (
          <Section title={trans.__('Description')}>
            <p className="jp-TracksideDoc-text">{note}</p>
          </Section>
        )}
        <Section title={trans.__('About')}>
          <Facts facts={aboutFacts(props)} trans={trans} />
        </Section>
        {run && run.datasets.length > 0 && (
          <Section title={trans.__('Data')}>
            <Facts
              facts={run.datasets.map(({ dataset }) => ({
                name: dataset.name,
                value: <span title={dataset.source}>{dataset.digest}</span>
              }))}
              trans={trans}
            />
          </Section>
        )}
        {tags.length > 0 && (
          <Section title={trans.__('Tags')}>
            <KeyTable rows={tags} label={trans.__('Tags')} trans={trans} />
          </Section>
        )}
      </div>
    </div>
  );
}

/** Which metrics were read off the printed lines, and from what. */
function Recognised(props: IRunContext): JSX.Element | null {
  const { job, tracks } = props.run;
  const found = job?.recognised;
  if (!job || !found) {
    return null;
  }
  const quiet = silence(job);
  if (!found.sample || found.metrics.length === 0) {
    return quiet ? <p className="jp-TracksideDoc-note">{quiet}</p> : null;
  }
  return (
    <p className="jp-TracksideDoc-note jp-TracksideDoc-sample">
      {tracks.trans.__('Read off what was printed: %1.', found.metrics.join(', '))}{' '}
      <code title={found.sample}>{found.sample}</code>
    </p>
  );
}

function FailureSection(props: IRunContext & { jobId: string }): JSX.Element | null {
  const { tracks } = props.run;
  const { value } = useFetched(() => tracks.jobsApi.get(props.jobId), [props.jobId]);
  return value?.failure?.traceback ? (
    <Section title={tracks.trans.__('Traceback')}>
      <Traceback failure={value.failure} />
    </Section>
  ) : null;
}

function aboutFacts(props: IRunContext): React.ComponentProps<typeof Facts>['facts'] {
  const { run: document, commands } = props;
  const { run, job, tracks } = document;
  const { trans } = tracks;
  const git = run && gitFacts(run);
  const source = job?.source?.label ?? (run && sourceName(run));
  const user = run?.tags.get('mlflow.user') ?? run?.info.user_id;
  const canOpen = job && (job.source?.notebook || job.source?.path);
  const asked = job && [
    job.resources.cpus && trans._n('%1 CPU', '%1 CPUs', job.resources.cpus),
    job.resources.memory && memory(job.resources.memory),
    sizeText(job, trans)
  ];
  const resources = asked ? asked.filter(Boolean).join(', ') : '';
  return [
    job && { name: trans.__('Experiment'), value: job.experiment_name },
    source && {
      name: trans.__('Source'),
      value: canOpen ? (
        <button
          type="button"
          className="jp-TracksideLink"
          onClick={() => commands.execute(CommandIDs.openSource, { job: job.job_id })}
        >
          {source}
        </button>
      ) : (
        source
      )
    },
    git && {
      name: trans.__('Commit'),
      value: [git.branch, git.commit.slice(0, 7)].filter(Boolean).join(' '),
      copy: git.commit
    },
    git &&
      git.changed > 0 && {
        name: trans.__('Changed files'),
        value: (
          <button
            type="button"
            className="jp-TracksideLink"
            onClick={() => {
              document.tab = 'code';
            }}
          >
            {number(git.changed)}
          </button>
        )
      },
    user && { name: trans.__('User'), value: user },
    run && { name: trans.__('Started'), value: moment(run.info.start_time) },
    run?.info.end_time && { name: trans.__('Ended'), value: moment(run.info.end_time) },
    resources && { name: trans.__('Asked for'), value: resources },
    job &&
      job.exit_code !== null &&
      job.exit_code !== 0 && { name: trans.__('Exit code'), value: job.exit_code },
    job && job.signal !== null && { name: trans.__('Signal'), value: job.signal },
    {
      name: trans.__('Run id'),
      value: <code>{document.runId.slice(0, 8)}…</code>,
      copy: document.runId
    }
  ];
}
