import * as React from 'react';

import { explain } from '../../api/request';
import type { ITracksideModel } from '../../tokens';
import { useSignal } from '../hooks';
import { LogBar } from './LogBar';
import { LogController } from './controller';
import { LogLinesView, type ILogLinesHandle } from './LogLinesView';
import { useLogSearch } from './useSearch';

/** The whole log of a job: live, searchable, of any size. */
export function LogView(props: { model: ITracksideModel; job: string }): JSX.Element {
  const { model, job } = props;
  const [controller, setController] = React.useState<LogController | null>(null);
  React.useEffect(() => {
    const created = new LogController(model.jobsApi, job);
    setController(created);
    return () => created.dispose();
  }, [model, job]);
  return controller && !controller.isDisposed ? (
    <LoadedLog model={model} controller={controller} />
  ) : (
    <div className="jp-TracksideLogView" />
  );
}

function LoadedLog(props: { model: ITracksideModel; controller: LogController }): JSX.Element {
  const { model, controller } = props;
  const { trans } = model;
  const version = useSignal(controller.changed);
  const [wrap, setWrap] = React.useState(false);
  const lines = React.useRef<ILogLinesHandle>(null);
  const search = useLogSearch(controller, version, line => lines.current?.show(line));
  const isEmpty = controller.window.lines.length === 0;
  return (
    <div className="jp-TracksideLogView">
      <LogBar
        controller={controller}
        search={search}
        wrap={wrap}
        onWrap={setWrap}
        onFollow={() => {
          controller.following = true;
          lines.current?.toEnd();
        }}
      />
      {controller.error && (
        <p className="jp-TracksideDoc-note">{explain(controller.error, trans)}</p>
      )}
      {isEmpty && controller.loaded && !controller.error && (
        <p className="jp-TracksideDoc-note">{trans.__('The job printed nothing.')}</p>
      )}
      {isEmpty && !controller.loaded && (
        <p className="jp-TracksideDoc-note">{trans.__('Nothing printed yet.')}</p>
      )}
      <LogLinesView
        handle={lines}
        controller={controller}
        version={version}
        wrap={wrap}
        finder={search.finder}
        current={search.current}
      />
    </div>
  );
}
