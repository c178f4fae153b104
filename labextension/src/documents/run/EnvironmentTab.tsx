import * as React from 'react';

import { explain } from '../../api/request';
import { CopyButton } from '../../components/CopyButton';
import { EmptyState } from '../../components/EmptyState';
import { sizeText } from '../../shared/card/facts';
import { duration, memory } from '../../shared/format';
import type { IRunContext } from './context';
import { Facts, Section } from './Facts';
import { useFetched } from './hooks';
import { KeyTable } from './KeyTable';
import { ENVIRONMENT_PATH, environmentFacts } from './provenance';
import { useArtifactText } from './useArtifactText';

const TRAIN_CODE = `%%train
# Python, packages, host and resources are kept with the run`;

/** The sixth tab: in what the code ran. */
export function EnvironmentTab(props: IRunContext): JSX.Element {
  const { run: document } = props;
  const { run, job, tracks } = document;
  const { trans } = tracks;
  const { text, isLoading, error } = useArtifactText(document, ENVIRONMENT_PATH);
  const { value: detail } = useFetched(
    async () => (job ? tracks.jobsApi.get(job.job_id) : null),
    [job?.job_id, job?.state]
  );
  const facts = React.useMemo(() => (text ? environmentFacts(text) : null), [text]);
  const python = facts?.python ?? run?.tags.get('trackside.python');
  const host = facts?.host ?? run?.tags.get('trackside.host');
  const packages = facts?.packages ?? [];
  if (!isLoading && !job && !python && !host && packages.length === 0) {
    return error !== null ? (
      <p className="jp-TracksideDoc-note" role="alert">
        {explain(error, trans)}
      </p>
    ) : (
      <EmptyState
        sentence={trans.__(
          'Nothing is known of the environment of this run. It is kept of what runs as a job:'
        )}
        code={TRAIN_CODE}
        trans={trans}
      />
    );
  }
  const requirements = packages.map(([name, version]) => `${name}==${version}`).join('\n');
  return (
    <div className="jp-TracksideStack">
      <Section title={trans.__('Machine')}>
        <Facts
          facts={[
            python && { name: trans.__('Python'), value: python },
            facts?.platform && { name: trans.__('System'), value: facts.platform },
            host && { name: trans.__('Host'), value: host },
            job?.cluster?.image && { name: trans.__('Image'), value: job.cluster.image },
            job && {
              name: trans.__('CPUs'),
              value: job.resources.cpus ?? trans.__('as they are free')
            },
            job && {
              name: trans.__('Memory'),
              value: job.resources.memory ? memory(job.resources.memory) : trans.__('no limit')
            },
            detail?.peak_memory && {
              name: trans.__('Most memory used'),
              value: memory(detail.peak_memory)
            },
            job && {
              name: trans.__('GPUs'),
              value: job.gpus.join(', ') || sizeText(job, trans) || trans.__('none')
            },
            job && {
              name: trans.__('Time limit'),
              value: job.time_limit ? duration(job.time_limit * 1000, trans) : trans.__('none')
            }
          ]}
          trans={trans}
        />
      </Section>
      {packages.length > 0 && (
        <Section
          title={trans.__('Packages')}
          aside={
            <CopyButton
              text={requirements}
              label={trans.__('Copy as requirements.txt')}
              trans={trans}
            />
          }
        >
          <KeyTable rows={packages} label={trans.__('Packages')} trans={trans} />
        </Section>
      )}
    </div>
  );
}
