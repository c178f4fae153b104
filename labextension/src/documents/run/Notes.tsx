import * as React from 'react';

import { explain } from '../../api/request';
import { useFocusBack } from '../../components/hooks';
import { NoteEditor } from '../../components/NoteEditor';
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
  const [isEditing, setEditing] = React.useState(false);
  const [before, setBefore] = React.useState<string | null>(null);
  const [error, setError] = React.useState('');
  const frame = useFocusBack<HTMLElement>(isEditing);

  const read = async (): Promise<string> =>
    (await trackingApi.run(document.runId)).tags.get(NOTE) ?? '';
  const write = async (text: string): Promise<void> => {
    await trackingApi.setTag(document.runId, NOTE, text);
    await document.refresh();
  };
  const undo = async (text: string): Promise<void> => {
    setError('');
    try {
      if ((await read()) === note) {
        await write(text);
      } else {
        await document.refresh();
        setError(
          trans.__('This note was changed meanwhile, so what stood here before was not put back.')
        );
      }
      setBefore(null);
    } catch (reason) {
      setError(explain(reason, trans));
    }
  };
  const draw = (text: string): JSX.Element => (
    <Rendered rendermime={rendermime} data={{ 'text/markdown': text }} />
  );
  const aside = !isEditing && run && (
    <>
      <Action
        label={note ? trans.__('Edit') : trans.__('Write')}
        onClick={() => {
          setError('');
          setEditing(true);
        }}
      />
      {before !== null && (
        <Action
          label={trans.__('Undo')}
          title={trans.__('Put back what stood here before')}
          onClick={() => undo(before)}
        />
      )}
    </>
  );
  return (
    <Section frame={frame} title={trans.__('Notes')} aside={aside}>
      {isEditing ? (
        <NoteEditor
          label={trans.__('Notes')}
          text={note}
          draw={draw}
          read={read}
          write={write}
          refresh={() => document.refresh()}
          onClose={old => {
            setBefore(old ?? before);
            setEditing(false);
          }}
          trans={trans}
        />
      ) : note ? (
        draw(note)
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
