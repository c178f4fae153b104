import * as React from 'react';

import { EmptyState } from '../../components/EmptyState';
import { silence } from '../../shared/card/facts';
import { About } from './About';
import { ClusterSection } from './ClusterSection';
import type { IRunContext } from './context';
import { Facts, Section } from './Facts';
import { KeyTable } from './KeyTable';
import { MetricsTable } from './MetricsTable';
import { NestedRuns } from './NestedRuns';
import { Notes } from './Notes';
import { isSystem } from './system';
import { Tags } from './Tags';
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
  const quiet = job ? silence(job) : '';
  return (
    <div className="jp-TracksideOverview">
      <div className="jp-TracksideOverview-main">
        {job?.state === 'FAILED' && <FailureSection {...props} jobId={job.job_id} />}
        <Section title={trans.__('Metrics')}>
          {run && [...run.metrics.keys()].some(key => !isSystem(key)) ? (
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
        <NestedRuns {...props} />
      </div>
      <div className="jp-TracksideOverview-side">
        <Notes {...props} />
        <Section title={trans.__('About')}>
          <About {...props} />
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
        <Tags {...props} />
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
