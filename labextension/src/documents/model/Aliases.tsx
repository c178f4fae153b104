import { closeIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { useFocusBack } from '../../components/hooks';
import { IconButton } from '../../components/IconButton';
import { Action } from '../../shared/Action';
import { Section } from '../run/Facts';
import type { ModelDocument } from './model';
import { Problem, useAct } from './useAct';

/** What is asked before an alias moves. */
interface IDraft {
  alias: string;
  /** Nothing takes the alias away. */
  version: string | null;
  reason: string;
  isNew: boolean;
}

/** The aliases of a model, and which version each of them means. */
export function Aliases(props: { document: ModelDocument }): JSX.Element {
  const { document } = props;
  const { trans } = document.tracks;
  const [draft, setDraft] = React.useState<IDraft | null>(null);
  const frame = useFocusBack<HTMLElement>(draft !== null);
  const [act, problem, isBusy] = useAct(trans);
  const newest = document.versions[0]?.version;
  const aliases = [...(document.model?.aliases ?? [])].sort((one, other) =>
    one.alias.localeCompare(other.alias)
  );
  const save = (wanted: IDraft): void => {
    void act(() => document.setAlias(wanted.alias.trim(), wanted.version, wanted.reason)).then(
      done => done && setDraft(null)
    );
  };
  return (
    <Section
      frame={frame}
      title={trans.__('Aliases')}
      aside={
        !draft &&
        newest !== undefined && (
          <Action
            label={trans.__('Add alias')}
            onClick={() => setDraft({ alias: '', version: newest, reason: '', isNew: true })}
          />
        )
      }
    >
      <ul className="jp-TracksideChips" aria-label={trans.__('Aliases')}>
        {aliases.map(({ alias, version }) => (
          <li key={alias}>
            <button
              type="button"
              className="jp-TracksideLink"
              title={trans.__('Move the alias %1', alias)}
              onClick={() => setDraft({ alias, version, reason: '', isNew: false })}
            >
              @{alias} <b>{`v${version}`}</b>
            </button>
            <IconButton
              icon={closeIcon}
              label={trans.__('Take the alias %1 away', alias)}
              onClick={() => setDraft({ alias, version: null, reason: '', isNew: false })}
            />
          </li>
        ))}
      </ul>
      {!draft && aliases.length === 0 && (
        <p className="jp-TracksideDoc-note">
          {trans.__('An alias is a name that others load, and that moves from version to version.')}
        </p>
      )}
      {draft && (
        <form
          className="jp-TracksideEdit jp-mod-line"
          aria-label={trans.__('Alias')}
          onSubmit={event => {
            event.preventDefault();
            if (draft.alias.trim() && !isBusy) {
              save(draft);
            }
          }}
          onKeyDown={event => {
            if (event.key === 'Escape') {
              event.stopPropagation();
              setDraft(null);
            }
          }}
        >
          {draft.isNew ? (
            <input
              className="jp-TracksideInput"
              aria-label={trans.__('Alias')}
              placeholder={trans.__('Alias, such as champion')}
              autoFocus
              value={draft.alias}
              onChange={event => setDraft({ ...draft, alias: event.target.value })}
            />
          ) : (
            <span>@{draft.alias}</span>
          )}
          <select
            className="jp-TracksideSelect"
            aria-label={trans.__('Version')}
            value={draft.version ?? ''}
            onChange={event => setDraft({ ...draft, version: event.target.value || null })}
          >
            {!draft.isNew && <option value="">{trans.__('take away')}</option>}
            {document.versions.map(({ version }) => (
              <option key={version} value={version}>
                {`v${version}`}
              </option>
            ))}
          </select>
          <input
            className="jp-TracksideInput"
            aria-label={trans.__('Reason')}
            placeholder={trans.__('Why?')}
            maxLength={2000}
            autoFocus={!draft.isNew}
            value={draft.reason}
            onChange={event => setDraft({ ...draft, reason: event.target.value })}
          />
          <button type="submit" className="jp-TracksideAction jp-mod-strong">
            {draft.version === null ? trans.__('Take away') : trans.__('Set')}
          </button>
          <Action label={trans.__('Cancel')} onClick={() => setDraft(null)} />
        </form>
      )}
      <Problem text={problem} />
    </Section>
  );
}
