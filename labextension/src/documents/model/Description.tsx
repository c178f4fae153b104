import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import * as React from 'react';

import { useFocusBack } from '../../components/hooks';
import { NoteEditor } from '../../components/NoteEditor';
import { Action } from '../../shared/Action';
import { Rendered } from '../run/artifacts/Rendered';
import { Section } from '../run/Facts';
import type { ModelDocument } from './model';

/** The description of a model, or of one of its versions, in Markdown, which is edited in place. */
export function Description(props: {
  title: string;
  text: string;
  document: ModelDocument;
  version?: string;
  rendermime: IRenderMimeRegistry | null;
}): JSX.Element {
  const { title, text, document, version, rendermime } = props;
  const { trans } = document.tracks;
  const [isEditing, setEditing] = React.useState(false);
  const edit = (): void => {
    // Another version that comes to matter more does not take its place.
    if (version) {
      document.choose(version);
    }
    setEditing(true);
  };
  const frame = useFocusBack<HTMLElement>(isEditing);
  const draw = rendermime
    ? (words: string) => <Rendered rendermime={rendermime} data={{ 'text/markdown': words }} />
    : undefined;
  return (
    <Section
      frame={frame}
      title={title}
      aside={
        !isEditing && (
          <Action label={text ? trans.__('Edit') : trans.__('Write one')} onClick={edit} />
        )
      }
    >
      {isEditing ? (
        <NoteEditor
          label={title}
          text={text}
          draw={draw}
          read={() => document.described(version)}
          write={words => document.describe(words, version)}
          refresh={() => document.refresh()}
          onClose={() => setEditing(false)}
          trans={trans}
        />
      ) : text && draw ? (
        draw(text)
      ) : (
        <p className={text ? 'jp-TracksideDoc-text' : 'jp-TracksideDoc-note'}>
          {text || trans.__('No description yet.')}
        </p>
      )}
    </Section>
  );
}
