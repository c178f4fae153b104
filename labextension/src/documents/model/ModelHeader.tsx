import * as React from 'react';

import { CommandIDs, DATA_MODEL } from '../../commands';
import { useFocusBack } from '../../components/hooks';
import { newestVersion, standings } from '../../shared/board';
import { Action, OpenArrow } from '../../shared/Action';
import { ago, moment } from '../../shared/format';
import type { IModelContext } from './context';
import { Problem, useAct } from './useAct';

/** What stands above: the name, where its versions stand, and what can be done with the whole. */
export function ModelHeader(props: IModelContext): JSX.Element {
  const { document, commands, compact } = props;
  const { model, tracks } = document;
  const { trans } = tracks;
  const [draft, setDraft] = React.useState<string | null>(null);
  const frame = useFocusBack<HTMLDivElement>(draft !== null);
  const [act, problem, isBusy] = useAct(trans);
  const newest = newestVersion(document.versions);
  const places = standings({ aliases: model!.aliases, latest_versions: document.versions });
  return (
    <div ref={frame} className="jp-TracksideDoc-header" {...{ [DATA_MODEL]: document.name }}>
      <div className="jp-TracksideDoc-title">
        {draft === null ? (
          <h1 title={document.name}>{document.name}</h1>
        ) : (
          <form
            className="jp-TracksideEdit jp-mod-line"
            onSubmit={event => {
              event.preventDefault();
              const name = draft.trim();
              if (name && name !== document.name && !isBusy) {
                void act(() => document.rename(name)).then(done => done && setDraft(null));
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
              aria-label={trans.__('Name of the model')}
              autoFocus
              value={draft}
              onChange={event => setDraft(event.target.value)}
            />
            <button type="submit" className="jp-TracksideAction jp-mod-strong">
              {trans.__('Rename')}
            </button>
            <Action label={trans.__('Cancel')} onClick={() => setDraft(null)} />
          </form>
        )}
        <span className="jp-TracksideCard-facts">
          {newest && <span>{trans.__('newest v%1', newest)}</span>}
          {places
            .filter(({ isStage }) => isStage)
            .map(({ version, word }) => (
              <span key={word}>
                <b>{`v${version}`}</b> {word}
              </span>
            ))}
          <span className="jp-TracksideCard-dim">
            <time title={moment(model!.last_updated_timestamp)}>
              {trans.__('changed %1', ago(model!.last_updated_timestamp, Date.now(), trans))}
            </time>
          </span>
        </span>
        <span className="jp-TracksideCard-actions">
          {compact ? (
            <Action
              label={trans.__('Open')}
              icon={<OpenArrow />}
              onClick={() => commands.execute(CommandIDs.openModel, { name: document.name })}
            />
          ) : (
            draft === null && (
              <>
                <Action label={trans.__('Rename')} onClick={() => setDraft(document.name)} />
                <Action
                  label={trans.__('Delete model…')}
                  onClick={() => commands.execute(CommandIDs.deleteModel, { name: document.name })}
                />
              </>
            )
          )}
        </span>
      </div>
      <Problem text={problem || document.problem} />
    </div>
  );
}
