import * as React from 'react';

import { explain } from '../../api/request';
import { LogTail } from '../../shared/card/LogTail';
import { LogLines } from '../../shared/log/lines';
import type { ILine } from '../../shared/log/screenline';
import type { ITracksideModel } from '../../tokens';
import { LogStream } from './stream';

/** How much of the end of a log a card shows. */
const TAIL = 32 * 1024;
const LINES = 400;

/** The end of a job's log, live while it is shown. */
export function JobLogTail(props: { model: ITracksideModel; job: string }): JSX.Element {
  const { model, job } = props;
  const { trans } = model;
  const [lines, setLines] = React.useState<readonly ILine[]>([]);
  const [word, setWord] = React.useState('');
  React.useEffect(() => {
    const log = new LogLines(LINES);
    let due: number | undefined;
    let isFirst = true;
    const draw = (): void => {
      due ??= requestAnimationFrame(() => {
        due = undefined;
        setLines(log.lines.slice(-LINES));
      });
    };
    const stream = new LogStream(
      model.jobsApi,
      job,
      { tail: TAIL },
      {
        onChunk: ({ offset, data }) => {
          // What begins within a line is not shown as one.
          log.write(isFirst && offset > 0 ? data.slice(data.indexOf('\n') + 1) : data);
          isFirst = false;
          draw();
        },
        onEnd: () => setWord(trans.__('The job printed nothing.')),
        onError: error => setWord(explain(error, trans))
      }
    );
    return () => {
      stream.dispose();
      if (due !== undefined) {
        cancelAnimationFrame(due);
      }
    };
  }, [model, job, trans]);
  return <LogTail lines={lines} empty={word || trans.__('Nothing printed yet.')} />;
}
