import * as React from 'react';

import { explain } from '../../api/request';
import type { IArtifact } from '../../api/types';
import { CommandIDs } from '../../commands';
import { CopyButton } from '../../components/CopyButton';
import { EmptyState } from '../../components/EmptyState';
import { Action } from '../../shared/Action';
import { size } from '../../shared/format';
import { kindOf, type PreviewKind, shownName } from './artifacts/kinds';
import { Preview } from './artifacts/Preview';
import { Tree } from './artifacts/Tree';
import { useFolders } from './artifacts/useFolders';
import type { IRunContext } from './context';
import { useThrottled } from './hooks';
import { downloadSnippet } from './snippet';

/** How often new files are looked for while the run goes on, at most. */
const LOOK_EVERY = 5000;

/** What is shown without anybody having chosen it is no larger, in bytes. */
const SMALL = 200_000;

/** Files that TensorBoard reads, and folders that usually hold them. */
const EVENTS = /(^|\/)(events\.out\.tfevents[^/]*|tensorboard[^/]*)$/;

const LOG_CODE = `import mlflow

mlflow.log_artifact("model.pkl")`;

/** The fourth tab: the files of the run. */
export function ArtifactsTab(props: IRunContext): JSX.Element {
  const { run: document } = props;
  const { run, tracks } = document;
  const { trans, trackingApi } = tracks;
  const [picked, setPicked] = React.useState<IArtifact | null>(null);
  const first = React.useRef<string | null>(null);
  // Files come along the way; only who looks at them needs to know.
  const version = useThrottled(document.tab === 'artifacts' ? run : null, LOOK_EVERY);
  const folders = useFolders(trackingApi, document.runId, version);
  if (folders.error !== null && folders.rows.length === 0) {
    return <p className="jp-TracksideDoc-note">{explain(folders.error, trans)}</p>;
  }
  if (folders.rows.length === 0) {
    return folders.isLoading ? (
      <></>
    ) : (
      <EmptyState
        sentence={trans.__('No files yet. A file that the code logs stands here:')}
        code={LOG_CODE}
        trans={trans}
      />
    );
  }
  const files = folders.rows.map(({ file }) => file);
  // What was shown by itself stays while more files come.
  const kept = files.find(({ path }) => path === first.current);
  const chosen = picked ?? kept ?? firstSmall(files);
  first.current = chosen?.path ?? null;
  const hasEvents =
    props.commands.hasCommand(CommandIDs.openTensorboard) &&
    folders.rows.some(({ file }) => EVENTS.test(file.path));
  return (
    <div className="jp-TracksideArtifacts">
      <div className="jp-TracksideArtifacts-files">
        {hasEvents && (
          <Action
            label={trans.__('Open TensorBoard')}
            title={trans.__('There are event files of TensorBoard among these')}
            onClick={() =>
              props.commands.execute(CommandIDs.openTensorboard, { run: document.runId })
            }
          />
        )}
        {folders.error !== null && (
          <p className="jp-TracksideDoc-note" role="alert">
            {explain(folders.error, trans)}
          </p>
        )}
        <Tree folders={folders} chosen={chosen?.path ?? null} onChoose={setPicked} />
      </div>
      <div className="jp-TracksideArtifacts-view">
        {chosen && run ? (
          <>
            <div className="jp-TracksideArtifacts-head">
              <bdi title={shownName(chosen.path)}>{shownName(chosen.path)}</bdi>
              {chosen.file_size !== null && (
                <span className="jp-TracksideCard-dim">{size(chosen.file_size)}</span>
              )}
              <span className="jp-TracksideLogBar-space" />
              <CopyButton
                text={downloadSnippet(document.runId, chosen.path)}
                label={trans.__('Copy the code that fetches it')}
                trans={trans}
              />
              <a
                className="jp-TracksideAction"
                href={trackingApi.artifactUrl(run.info, chosen.path)}
                download={shownName(chosen.path.split('/').pop() ?? 'artifact')}
              >
                {trans.__('Download')}
              </a>
            </div>
            <div className="jp-TracksideArtifacts-preview">
              <Preview key={chosen.path} {...props} file={chosen} />
            </div>
          </>
        ) : (
          <p className="jp-TracksideDoc-note">{trans.__('Choose a file to look at it.')}</p>
        )}
      </div>
    </div>
  );
}

/** What is looked into only when somebody asks for it: it unpacks to more than it says. */
const ONLY_ASKED: readonly PreviewKind[] = ['none', 'parquet'];

/** The first file that can be shown at once, so that there is something to look at. */
function firstSmall(files: readonly IArtifact[]): IArtifact | null {
  return (
    files.find(
      file =>
        !file.is_dir && !ONLY_ASKED.includes(kindOf(file.path)) && (file.file_size ?? 0) <= SMALL
    ) ?? null
  );
}
