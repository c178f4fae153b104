import * as React from 'react';

import { explain } from '../../api/request';
import { Action } from '../../shared/Action';
import type { ITracksideModel } from '../../tokens';
import { useAfter, useSignal } from '../hooks';
import { LogBar } from './LogBar';
import { LogController } from './controller';
import { LevelChooser } from './LevelChooser';
import { Level, LevelReader, linesFrom } from './levels';
import { LogLinesView, type ILogLinesHandle } from './LogLinesView';
import { useLogSearch } from './useSearch';

/** The whole log of a job: live, searchable, of any size. */
export function LogView(props: {
  model: ITracksideModel;
  job: string;
  /** Which of the pods of a job on a cluster. */
  rank?: number;
  /** Chooses another rank. */
  chooser?: React.ReactNode;
}): JSX.Element {
  const { model, job, rank, chooser } = props;
  const [controller, setController] = React.useState<LogController | null>(null);
  const following = React.useRef(true);
  React.useEffect(() => {
    const created = new LogController(model.jobsApi, job, rank, following.current);
    setController(created);
    return () => {
      following.current = created.following;
      created.dispose();
    };
  }, [model, job, rank]);
  // A disposed one is about to be replaced; what was typed into its search stays.
  return controller ? (
    <LoadedLog model={model} controller={controller} chooser={chooser} />
  ) : (
    <div className="jp-TracksideLogView" />
  );
}

function LoadedLog(props: {
  model: ITracksideModel;
  controller: LogController;
  chooser: React.ReactNode;
}): JSX.Element {
  const { model, controller, chooser } = props;
  const { trans } = model;
  const version = useSignal(controller.changed);
  const [wrap, setWrap] = React.useState(false);
  const [level, setLevel] = React.useState(Level.Debug);
  const reader = React.useMemo(() => new LevelReader(), []);
  const levels = React.useMemo(
    () => reader.read(controller.window.lines),
    // The window is one object that grows; `version` says when.
    [reader, controller, version]
  );
  const shown = React.useMemo(
    () => (levels && level > Level.Debug ? linesFrom(levels, level) : null),
    [levels, level]
  );
  const lines = React.useRef<ILogLinesHandle>(null);
  const search = useLogSearch(controller, version, line => lines.current?.show(line));
  const isEmpty = controller.window.lines.length === 0;
  const isWaiting = useAfter(isEmpty && !controller.loaded);
  return (
    <div className="jp-TracksideLogView">
      <LogBar
        controller={controller}
        search={search}
        chooser={
          <>
            {chooser}
            {(levels || level > Level.Debug) && <LevelChooser level={level} onLevel={setLevel} />}
          </>
        }
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
      {isWaiting && <p className="jp-TracksideDoc-note">{trans.__('Nothing printed yet.')}</p>}
      {shown && controller.window.start > 0 && (
        <p className="jp-TracksideDoc-note">
          {trans.__('Of the part of the log that is loaded.')}{' '}
          <Action
            label={trans.__('Load what stands before')}
            onClick={() => controller.loadEarlier()}
          />
        </p>
      )}
      {shown?.length === 0 && !isEmpty && (
        <p className="jp-TracksideDoc-note">{trans.__('No line is so serious.')}</p>
      )}
      <LogLinesView
        key={controller.rank ?? 0}
        handle={lines}
        controller={controller}
        version={version}
        wrap={wrap}
        finder={search.finder}
        current={search.current}
        shown={shown}
      />
    </div>
  );
}
