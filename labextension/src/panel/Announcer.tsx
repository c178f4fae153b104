import * as React from 'react';

import type { IModelChange, ITracksideModel } from '../tokens';
import { stateLook } from '../shared/states';

/** Tells a screen reader when a job changes its state. */
export function Announcer(props: { model: ITracksideModel }): React.ReactElement {
  const { model } = props;
  const [text, setText] = React.useState('');
  React.useEffect(() => {
    const listener = (_: ITracksideModel, change: IModelChange): void => {
      const news = change.jobs
        .filter(job => !change.reset && change.before.get(job.job_id)?.state !== job.state)
        .map(job => `${job.name}: ${stateLook(job.state, model.trans).label}`);
      if (news.length) {
        setText(news.join(', '));
      }
    };
    model.changed.connect(listener);
    return () => {
      model.changed.disconnect(listener);
    };
  }, [model]);
  return (
    <div className="jp-TracksideHidden" aria-live="polite">
      {text}
    </div>
  );
}
