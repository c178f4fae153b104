import * as React from 'react';

import { explain } from '../../api/request';
import { useFocusBack } from '../../components/hooks';
import { Action } from '../../shared/Action';
import { Rendered } from './artifacts/Rendered';
import type { IRunContext } from './context';
import { Section } from './Facts';

/** The tag in which MLflow keeps what people write about a run. */
const NOTE = 'mlflow.note.content';

/** What people wrote about the run, in Markdown: read, written with a preview, taken back. */
export function Notes(props: IRunContext): JSX.Element {
  const { run: document, rendermime } = props;
  const { run, tracks } = document;
  const { trans, trackingApi } = tracks;
  const note = run?.tags.get(NOTE) ?? '';
  const [draft, setDraft] = React.useState<string | null>(null);
  const [before, setBefore] = React.useState<string | null>(null);
  const [error, setError] = React.useState('');
  const frame = useFocusBack<HTMLElement>(draft !== null);

  const write = async (text: string): Promise<boolean> => {
    try {
      await trackingApi.setTag(document.runId, NOTE, text);
      await document.refresh();
      setError('');
      return true;
    } catch (reason) {
      setError(explain(reason, trans));
      return false;
    }
  };
  const save = async (text: string): Promise<void> => {
    if (text === note || (await write(text))) {
      setBefore(text === note ? before : note);
      setDraft(null);
    }
  };
  const aside = draft === null && run && (
    <>
      <Action label={note ? trans.__('Edit') : trans.__('Write')} onClick={() => setDraft(note)} />
      {before !== null && (
        <Action
          label={trans.__('Undo')}
          title={trans.__('Put back what stood here before')}
          onClick={async () => {
            if (await write(before)) {
              setBefore(null);
            }
          }}
        />
      )}
    </>
  );
  return (
    <Section frame={frame} title={trans.__('Notes')} aside={aside}>
      {draft !== null ? (
        <Editor
          text={draft}
          rendermime={rendermime}
          onText={setDraft}
          onSave={() => save(draft)}
          onCancel={() => setDraft(null)}
          trans={trans}
        />
      ) : note ? (
        <Rendered rendermime={rendermime} data={{ 'text/markdown': note }} />
      ) : (
        <p className="jp-TracksideDoc-note">
          {trans.__('What was tried, and what came of it? Markdown is understood.')}
        </p>
      )}
      {error && (
        <p className="jp-TracksideNotice jp-mod-alert" role="alert">
          {error}
        </p>
      )}
    </Section>
  );
}

function Editor(props: {
  text: string;
  rendermime: IRunContext['rendermime'];
  onText: (text: string) => void;
  onSave: () => Promise<void>;
  onCancel: () => void;
  trans: IRunContext['run']['tracks']['trans'];
}): JSX.Element {
  const { text, rendermime, onText, onSave, onCancel, trans } = props;
  const [isPreview, setPreview] = React.useState(false);
  const area = React.useRef<HTMLTextAreaElement>(null);
  React.useEffect(() => area.current?.focus(), [isPreview]);
  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.key === 'Escape') {
      event.stopPropagation();
      onCancel();
    } else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      event.stopPropagation();
      void onSave();
    }
  };
  return (
    <div className="jp-TracksideNotes-editor" onKeyDown={onKeyDown}>
      {isPreview ? (
        <Rendered rendermime={rendermime} data={{ 'text/markdown': text }} />
      ) : (
        <textarea
          ref={area}
          className="jp-TracksideInput"
          rows={8}
          value={text}
          aria-label={trans.__('Notes')}
          placeholder={trans.__('Markdown')}
          onChange={event => onText(event.target.value)}
        />
      )}
      <div>
        <Action label={trans.__('Save')} title={trans.__('Ctrl+Enter')} strong onClick={onSave} />
        <Action
          label={trans.__('Preview')}
          pressed={isPreview}
          onClick={() => setPreview(!isPreview)}
        />
        <Action label={trans.__('Cancel')} onClick={onCancel} />
      </div>
    </div>
  );
}
