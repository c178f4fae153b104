import * as React from 'react';

import { explain } from '../../api/request';
import { useFocusBack } from '../../components/hooks';
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
  const text = experiment?.tags?.find(({ key }) => key === TAG)?.value ?? '';
  const [draft, setDraft] = React.useState<string | null>(null);
  const [problem, setProblem] = React.useState('');
  const [isOpen, setOpen] = React.useState(false);
  const frame = useFocusBack<HTMLDivElement>(draft !== null);
  if (table.experimentIds.length !== 1 || !experiment) {
    return null;
  }
  const save = async (): Promise<void> => {
    try {
      await trackingApi.setExperimentTag(id, TAG, draft ?? '');
      await table.refresh();
      setDraft(null);
      setProblem('');
    } catch (error) {
      setProblem(explain(error, trans));
    }
  };
  if (draft !== null) {
    return (
      <div ref={frame} className="jp-TracksideTable-note">
        <textarea
          className="jp-TracksideInput"
          ref={box => {
            if (box && !box.dataset.seen) {
              box.dataset.seen = 'true';
              box.focus();
            }
          }}
          rows={6}
          aria-label={trans.__('Note about the experiment, in Markdown')}
          value={draft}
          onChange={event => setDraft(event.target.value)}
          onKeyDown={event => {
            event.stopPropagation();
            if (event.key === 'Escape') {
              setDraft(null);
            } else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
              void save();
            }
          }}
        />
        <Action label={trans.__('Save')} strong onClick={save} />
        <Action label={trans.__('Cancel')} onClick={() => setDraft(null)} />
        {problem && <p role="alert">{problem}</p>}
      </div>
    );
  }
  if (!text) {
    return (
      <div ref={frame} className="jp-TracksideTable-note">
        <Action label={trans.__('Add a note')} onClick={() => setDraft('')} />
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
      <Action label={trans.__('Edit')} onClick={() => setDraft(text)} />
      {isOpen && (
        <div className="jp-TracksideTable-noteText" tabIndex={0}>
          {rendermime ? (
            <Rendered rendermime={rendermime} data={{ 'text/markdown': text }} />
          ) : (
            <p>{text}</p>
          )}
        </div>
      )}
    </div>
  );
}
