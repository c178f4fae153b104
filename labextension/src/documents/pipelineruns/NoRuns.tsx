import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { EmptyState } from '../../components/EmptyState';
import type { PipelineRunsModel } from '../../models/pipelineruns';
import { Action } from '../../shared/Action';

/** What stands where no run was found: a KFP server may have some behind those that were looked through. */
export function NoRuns(props: {
  runs: Pick<PipelineRunsModel, 'asked' | 'hasMore' | 'loadMore'>;
  trans: TranslationBundle;
}): JSX.Element {
  const { runs, trans } = props;
  const sentence = runs.hasMore
    ? trans.__('None of the newest pipeline runs is what is asked for here.')
    : runs.asked.archived
      ? trans.__('No pipeline run is put away.')
      : trans.__('No pipeline run matches what is asked for here.');
  return (
    <EmptyState trans={trans} sentence={sentence}>
      {runs.hasMore && (
        <Action
          label={trans.__('Look further')}
          title={trans.__('Look through runs that are older')}
          onClick={() => runs.loadMore()}
        />
      )}
    </EmptyState>
  );
}
