import * as React from 'react';

import type { IJob } from '../../labextension/src/api/types';
import { Card, type ICardActions } from '../../labextension/src/shared/card/Card';
import { LogTail } from '../../labextension/src/shared/card/LogTail';
import { tailLines } from '../../labextension/src/shared/log/lines';
import { useTrans } from '../../labextension/src/shared/trans-context';
import { drawing, useTraits, type IModel } from './kernel';

/** Most lines of the log that are shown. */
const LINES = 200;

/** The state that the kernel shares with this view. */
interface ITraits {
  job: IJob | Record<string, never>;
  log_tail: string;
  message: string;
}

function JobView(props: { model: IModel<ITraits> }): JSX.Element | null {
  const { model } = props;
  const { job, log_tail: tail, message } = useTraits(model, ['job', 'log_tail', 'message']);
  const trans = useTrans();
  const actions = React.useMemo<ICardActions>(() => {
    // The kernel answers by changing the traits: a new state, another job or a message.
    const send = async (action: 'cancel' | 'rerun'): Promise<string> => {
      model.send({ action });
      return '';
    };
    return { cancel: () => send('cancel'), rerun: () => send('rerun') };
  }, [model]);
  if (!('job_id' in job)) {
    return null;
  }
  return React.createElement(Card, {
    key: job.job_id,
    job: job as IJob,
    actions,
    notice: message,
    renderLog: () =>
      React.createElement(LogTail, {
        lines: tailLines(tail, LINES),
        empty: trans.__('Nothing printed yet.')
      })
  });
}

export default drawing(JobView);
