import * as React from 'react';

import { explain } from '../../api/request';
import { useAfter, useRefresh } from '../../components/hooks';
import { WHILE_LIVE } from '../../models/kfp';
import type { ITask } from '../../pipelines/tasks';
import { Action } from '../../shared/Action';
import { tailLines } from '../../shared/log/lines';
import { LogText } from '../../shared/log/LogText';
import { isLive } from '../../shared/states';
import { useTrans } from '../../shared/trans-context';
import { Note } from '../run/artifacts/Note';
import { readBeginning } from '../run/artifacts/read';
import { useFetched } from '../run/hooks';
import type { IPipelineContext } from './context';
import { OpenInKfp } from './OpenInKfp';

/** The most that is read of a log, and that is shown of its end. */
const MOST_READ = 4 * 2 ** 20;
const MOST_LINES = 2000;

/** The last lines that a task of a KFP server printed, as far as its cluster still knows them. */
export function TaskLog(props: IPipelineContext & { task: ITask }): JSX.Element {
  const { document, task } = props;
  const { pipelineRunsApi, trans: bundle } = document.tracks;
  const trans = useTrans();
  const [round, setRound] = React.useState(0);
  const { value, error, isLoading } = useFetched(
    async signal =>
      readBeginning(await pipelineRunsApi.log(document.runId, task.id, signal), MOST_READ),
    [document.runId, task.id, task.state, round]
  );
  const again = (): void => setRound(before => before + 1);
  // To ask again while the answer is under way would break that off.
  const every = isLive(task.state) && !isLoading ? WHILE_LIVE : null;
  const frame = useRefresh<HTMLDivElement>(every, async () => again());
  const isLate = useAfter(isLoading && !value);
  const lines = React.useMemo(
    () => (value ? tailLines(new TextDecoder().decode(value.bytes), MOST_LINES) : []),
    [value]
  );
  return (
    <div ref={frame} className="jp-TracksideTaskLog">
      {error !== null && (
        <div role="alert">
          <Note text={explain(error, bundle)} />
          <Action label={trans.__('Try again')} onClick={again} /> <OpenInKfp url={task.url} />
        </div>
      )}
      {isLate && <Note text={trans.__('Loading')} />}
      {value && lines.length === 0 && <Note text={trans.__('The task printed nothing.')} />}
      {lines.length > 0 && (
        <div
          className="jp-TracksideLogLines jp-mod-wrap"
          role="log"
          aria-live="off"
          aria-label={trans.__('Log of %1', task.title)}
          tabIndex={0}
        >
          {lines.map((line, at) => (
            <div key={at} className="jp-TracksideLogLine">
              <LogText line={line} />
            </div>
          ))}
        </div>
      )}
    </div>
  );
}
