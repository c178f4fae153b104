import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import * as React from 'react';

import { useFocusBack } from '../../components/hooks';
import { Action } from '../../shared/Action';
import type { ITracksideModel } from '../../tokens';
import { Rendered } from '../run/artifacts/Rendered';
import { Section } from '../run/Facts';
import { Problem, useAct } from './useAct';

/** A description in Markdown, which is edited in place. */
export function Description(props: {
  title: string;
  text: string;
  rendermime: IRenderMimeRegistry | null;
  onSave: (text: string) => Promise<void>;
  trans: ITracksideModel['trans'];
}): JSX.Element {
  const { title, text, rendermime, onSave, trans } = props;
  const [draft, setDraft] = React.useState<string | null>(null);
  const frame = useFocusBack<HTMLElement>(draft !== null);
  const [act, problem, isBusy] = useAct(trans);
  const save = (): void => {
    void act(() => onSave(draft!)).then(done => done && setDraft(null));
  };
  return (
    <Section
      frame={frame}
      title={title}
      aside={
        draft === null && (
          <Action
            label={text ? trans.__('Edit') : trans.__('Write one')}
            onClick={() => setDraft(text)}
          />
        )
      }
    >
      {draft !== null ? (
        <div className="jp-TracksideEdit">
          <textarea
            className="jp-TracksideInput"
            aria-label={title}
            rows={Math.min(16, Math.max(4, draft.split('\n').length + 1))}
            autoFocus
            value={draft}
            onChange={event => setDraft(event.target.value)}
            onKeyDown={event => {
              if (event.key === 'Escape') {
                event.stopPropagation();
                setDraft(null);
              } else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
                event.preventDefault();
                event.stopPropagation();
                save();
              }
            }}
          />
          <Action label={trans.__('Save')} strong disabled={isBusy} onClick={save} />
          <Action label={trans.__('Cancel')} onClick={() => setDraft(null)} />
          <span className="jp-TracksideDoc-note">{trans.__('Markdown')}</span>
          <Problem text={problem} />
        </div>
      ) : text && rendermime ? (
        <Rendered rendermime={rendermime} data={{ 'text/markdown': text }} />
      ) : (
        <p className={text ? 'jp-TracksideDoc-text' : 'jp-TracksideDoc-note'}>
          {text || trans.__('No description yet.')}
        </p>
      )}
    </Section>
  );
}
