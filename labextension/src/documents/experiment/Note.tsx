import * as React from 'react';

import type { IExperiment } from '../../api/types';
import { useFocusBack } from '../../components/hooks';
import { NoteEditor } from '../../components/NoteEditor';
import { Action } from '../../shared/Action';
import { Rendered } from '../run/artifacts/Rendered';
import type { ITableContext } from './context';

const TAG = 'mlflow.note.content';

/** What somebody wrote about the experiment, in Markdown. */
export function Note(props: ITableContext): JSX.Element | null {
  const { table, rendermime } = props;
  const { trans, trackingApi } = table.tracks;
  const [id] = table.experimentIds;
  const experiment = table.experiments.find(({ experiment_id }) => experiment_id === id);
  const text = noteOf(experiment);
  const [isEditing, setEditing] = React.useState(false);
  const [isOpen, setOpen] = React.useState(false);
  const frame = useFocusBack<HTMLDivElement>(isEditing);
  if (table.experimentIds.length !== 1 || !experiment) {
    return null;
  }
  const draw = rendermime
    ? (words: string) => <Rendered rendermime={rendermime} data={{ 'text/markdown': words }} />
    : undefined;
  if (isEditing) {
    return (
      <div
        ref={frame}
        className="jp-TracksideTable-note"
        onKeyDown={event => event.stopPropagation()}
      >
        <NoteEditor
          label={trans.__('Note about the experiment, in Markdown')}
          text={text}
          draw={draw}
          read={async () => noteOf(await trackingApi.experiment(id))}
          write={async words => {
            await trackingApi.setExperimentTag(id, TAG, words);
            await table.refresh();
          }}
          refresh={() => table.refresh()}
          onClose={() => setEditing(false)}
          trans={trans}
        />
      </div>
    );
  }
  if (!text) {
    return (
      <div ref={frame} className="jp-TracksideTable-note">
        <Action label={trans.__('Add a note')} onClick={() => setEditing(true)} />
      </div>
    );
  }
  const first = text
    .trim()
    .split('\n', 1)[0]
    .replace(/^#+\s*/, '');
  return (
    <div ref={frame} className="jp-TracksideTable-note">
      <Action
        label={isOpen ? trans.__('Note') : first.slice(0, 120)}
        title={isOpen ? trans.__('Fold the note') : trans.__('Unfold the note')}
        expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      />
      <Action label={trans.__('Edit')} onClick={() => setEditing(true)} />
      {isOpen && (
        <div className="jp-TracksideTable-noteText" tabIndex={0}>
          {draw ? draw(text) : <p>{text}</p>}
        </div>
      )}
    </div>
  );
}

function noteOf(experiment: IExperiment | undefined): string {
  return experiment?.tags?.find(({ key }) => key === TAG)?.value ?? '';
}
