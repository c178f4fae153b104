import { closeIcon, editIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { explain } from '../../api/request';
import { useFocusBack } from '../../components/hooks';
import { IconButton } from '../../components/IconButton';
import { Action } from '../../shared/Action';
import type { IRunContext } from './context';
import { Section } from './Facts';
import { KeyTable } from './KeyTable';
import { isShownElsewhere } from './provenance';

/** The tags of the run: added, changed and removed where they stand. */
export function Tags(props: IRunContext): JSX.Element {
  const { run: document } = props;
  const { run, tracks } = document;
  const { trans, trackingApi } = tracks;
  const [edited, setEdited] = React.useState<string | null>(null);
  const [undo, setUndo] = React.useState<{ key: string; value: string | null } | null>(null);
  const [error, setError] = React.useState('');
  const frame = useFocusBack<HTMLElement>(edited !== null);
  const all = React.useMemo(() => [...(run?.tags ?? [])].sort(byKey), [run]);
  const own = all.filter(([key]) => !isShownElsewhere(key));

  const write = async (key: string, value: string | null): Promise<boolean> => {
    try {
      if (value === null) {
        await trackingApi.deleteTag(document.runId, key);
      } else {
        await trackingApi.setTag(document.runId, key, value);
      }
      await document.refresh();
      setError('');
      return true;
    } catch (reason) {
      setError(explain(reason, trans));
      return false;
    }
  };
  const change = async (key: string, value: string | null): Promise<void> => {
    const before = run?.tags.get(key) ?? null;
    if (before === value || (await write(key, value))) {
      setEdited(null);
      setUndo(before === value ? undo : { key, value: before });
    }
  };
  const aside = (
    <>
      {edited === null && <Action label={trans.__('Add tag')} onClick={() => setEdited('')} />}
      {undo && (
        <Action
          label={trans.__('Undo')}
          title={trans.__('Put the tag %1 back', undo.key)}
          onClick={async () => {
            if (await write(undo.key, undo.value)) {
              setUndo(null);
            }
          }}
        />
      )}
    </>
  );
  return (
    <Section frame={frame} title={trans.__('Tags')} aside={run && aside}>
      {edited === '' && <TagForm onSave={change} onCancel={() => setEdited(null)} trans={trans} />}
      {own.length > 0 && (
        <table className="jp-TracksideTable jp-mod-keys jp-mod-tags" aria-label={trans.__('Tags')}>
          <tbody>
            {own.map(([key, value]) =>
              edited === key ? (
                <tr key={key}>
                  <td colSpan={3}>
                    <TagForm
                      name={key}
                      value={value}
                      onSave={change}
                      onCancel={() => setEdited(null)}
                      trans={trans}
                    />
                  </td>
                </tr>
              ) : (
                <tr key={key}>
                  <th scope="row" title={key}>
                    {key}
                  </th>
                  <td>{value}</td>
                  <td>
                    <IconButton
                      icon={editIcon}
                      label={trans.__('Change the tag %1', key)}
                      onClick={() => setEdited(key)}
                    />
                    <IconButton
                      icon={closeIcon}
                      label={trans.__('Remove the tag %1', key)}
                      onClick={() => void change(key, null)}
                    />
                  </td>
                </tr>
              )
            )}
          </tbody>
        </table>
      )}
      {error && (
        <p className="jp-TracksideNotice jp-mod-alert" role="alert">
          {error}
        </p>
      )}
      {all.length > own.length && (
        <details className="jp-TracksideTags-more">
          <summary>
            {trans._n(
              '%1 tag of MLflow and Trackside',
              '%1 tags of MLflow and Trackside',
              all.length - own.length
            )}
          </summary>
          <KeyTable
            rows={all.filter(([key]) => isShownElsewhere(key))}
            label={trans.__('Tags of MLflow and Trackside')}
            trans={trans}
          />
        </details>
      )}
    </Section>
  );
}

/** Name and value of a tag; the name of one that is there stays. */
function TagForm(props: {
  name?: string;
  value?: string;
  onSave: (name: string, value: string) => Promise<void>;
  onCancel: () => void;
  trans: IRunContext['run']['tracks']['trans'];
}): JSX.Element {
  const { onSave, onCancel, trans } = props;
  const [name, setName] = React.useState(props.name ?? '');
  const [value, setValue] = React.useState(props.value ?? '');
  const first = React.useRef<HTMLInputElement>(null);
  React.useEffect(() => first.current?.focus(), []);
  const isNew = props.name === undefined;
  return (
    <form
      className="jp-TracksideTags-form"
      onSubmit={event => {
        event.preventDefault();
        if (name.trim()) {
          void onSave(name.trim(), value);
        }
      }}
      onKeyDown={event => {
        if (event.key === 'Escape') {
          event.stopPropagation();
          onCancel();
        }
      }}
    >
      {isNew ? (
        <input
          ref={first}
          className="jp-TracksideInput"
          value={name}
          aria-label={trans.__('Name of the tag')}
          placeholder={trans.__('Name')}
          onChange={event => setName(event.target.value)}
        />
      ) : (
        <span title={name}>{name}</span>
      )}
      <input
        ref={isNew ? undefined : first}
        className="jp-TracksideInput"
        value={value}
        aria-label={trans.__('Value of the tag')}
        placeholder={trans.__('Value')}
        onChange={event => setValue(event.target.value)}
      />
      <button type="submit" className="jp-TracksideAction jp-mod-strong" disabled={!name.trim()}>
        {trans.__('Save')}
      </button>
      <Action label={trans.__('Cancel')} onClick={onCancel} />
    </form>
  );
}

function byKey([one]: readonly [string, string], [two]: readonly [string, string]): number {
  return one.localeCompare(two);
}
