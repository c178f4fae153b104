import * as React from 'react';
import { createRoot } from 'react-dom/client';

import type { IJob } from '../../labextension/src/api/types';
import { Card, type ICardActions } from '../../labextension/src/shared/card/Card';
import { LogTail } from '../../labextension/src/shared/card/LogTail';
import { tailLines } from '../../labextension/src/shared/log/lines';

/** Most lines of the log that are shown. */
const LINES = 200;

/** The state that the kernel shares with this view. */
interface ITraits {
  job: IJob | Record<string, never>;
  log_tail: string;
  message: string;
}

/** The part of anywidget's model that is used here. */
interface IModel {
  get<K extends keyof ITraits>(name: K): ITraits[K];
  on(event: string, callback: () => void): void;
  off(event: string, callback: () => void): void;
  send(content: { action: 'cancel' | 'rerun' }): void;
}

/** The traits as they are now; a new object whenever one changed. */
function useTraits(model: IModel): ITraits {
  const read = (): ITraits => ({
    job: model.get('job'),
    log_tail: model.get('log_tail'),
    message: model.get('message')
  });
  const [traits, setTraits] = React.useState(read);
  React.useEffect(() => {
    const update = (): void => setTraits(read());
    model.on('change', update);
    update();
    return () => model.off('change', update);
  }, [model]);
  return traits;
}

function JobView(props: { model: IModel }): JSX.Element | null {
  const { model } = props;
  const { job, log_tail: tail, message } = useTraits(model);
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
        empty: 'Nothing printed yet.'
      })
  });
}

/** Draw the widget; returns how to take it away. */
function render({ model, el }: { model: IModel; el: HTMLElement }): () => void {
  const root = createRoot(el);
  root.render(React.createElement(JobView, { model }));
  return () => root.unmount();
}

export default { render };
