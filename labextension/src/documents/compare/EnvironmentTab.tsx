import * as React from 'react';

import { EmptyState } from '../../components/EmptyState';
import type { ICompareContext } from './context';
import { FilteredValues } from './Differences';

const TRAIN_CODE = `%%train
# Python, packages, host and resources are kept with the run`;

/** In what the code ran: packages, Python, machine, resources. */
export function EnvironmentTab(props: ICompareContext): JSX.Element {
  const { compare, comparison } = props;
  const { trans } = compare.tracks;
  const { environment, packages } = comparison;
  if (environment.length === 0 && packages.length === 0) {
    return (
      <EmptyState
        sentence={trans.__(
          'Nothing is known of the environment of these runs. It is kept of what runs as a job:'
        )}
        code={TRAIN_CODE}
        trans={trans}
      />
    );
  }
  return (
    <div className="jp-TracksideCompare-part">
      <FilteredValues
        {...props}
        label={trans.__('Environment and packages')}
        groups={[
          { label: trans.__('Environment'), rows: environment },
          { label: trans.__('Packages'), rows: packages }
        ]}
      />
    </div>
  );
}
