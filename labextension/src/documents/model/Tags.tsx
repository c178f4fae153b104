import { closeIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { useFocusBack } from '../../components/hooks';
import { IconButton } from '../../components/IconButton';
import { Action } from '../../shared/Action';
import { Section } from '../run/Facts';
import type { ModelDocument } from './model';
import { Problem, useAct } from './useAct';

/** The tags of a model. */
export function Tags(props: { document: ModelDocument }): JSX.Element {
  const { document } = props;
  const { trans } = document.tracks;
  const [draft, setDraft] = React.useState<{ key: string; value: string } | null>(null);
  const frame = useFocusBack<HTMLElement>(draft !== null);
  const [act, problem, isBusy] = useAct(trans);
  const tags = (document.model?.tags ?? []).filter(({ key }) => !key.startsWith('mlflow.'));
  return (
    <Section
      frame={frame}
      title={trans.__('Tags')}
      aside={
        !draft && (
          <Action label={trans.__('Add')} onClick={() => setDraft({ key: '', value: '' })} />
        )
      }
    >
      <ul className="jp-TracksideChips" aria-label={trans.__('Tags')}>
        {tags.map(({ key, value }) => (
          <li key={key} title={`${key}: ${value}`}>
            <span>
              {key}: <b>{value}</b>
            </span>
            <IconButton
              icon={closeIcon}
              label={trans.__('Remove the tag %1', key)}
              onClick={() => void act(() => document.setTag(key, null))}
            />
          </li>
        ))}
      </ul>
      {draft && (
        <form
          className="jp-TracksideEdit jp-mod-line"
          onSubmit={event => {
            event.preventDefault();
            if (draft.key.trim() && !isBusy) {
              void act(() => document.setTag(draft.key.trim(), draft.value)).then(
                done => done && setDraft(null)
              );
            }
          }}
          onKeyDown={event => {
            if (event.key === 'Escape') {
              event.stopPropagation();
              setDraft(null);
            }
          }}
        >
          <input
            className="jp-TracksideInput"
            aria-label={trans.__('Name of the tag')}
            placeholder={trans.__('Name')}
            autoFocus
            value={draft.key}
            onChange={event => setDraft({ ...draft, key: event.target.value })}
          />
          <input
            className="jp-TracksideInput"
            aria-label={trans.__('Value of the tag')}
            placeholder={trans.__('Value')}
            value={draft.value}
            onChange={event => setDraft({ ...draft, value: event.target.value })}
          />
          <button type="submit" className="jp-TracksideAction jp-mod-strong">
            {trans.__('Save')}
          </button>
          <Action label={trans.__('Cancel')} onClick={() => setDraft(null)} />
        </form>
      )}
      <Problem text={problem} />
    </Section>
  );
}
