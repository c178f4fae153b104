import * as React from 'react';

import { Action } from '../../labextension/src/shared/Action';
import {
  VersionTable,
  type IListedVersion
} from '../../labextension/src/shared/versions/VersionTable';
import { choose, drawing, useQuestions, useSilence, useTraits, type IModel } from './kernel';

/** The state that the kernel shares with this view. */
interface ITraits {
  name: string;
  description: string;
  versions: IListedVersion[];
  more: boolean;
  selected: string;
  message: string;
}

const TRAITS = ['name', 'description', 'versions', 'more', 'selected', 'message'] as const;

function ModelView(props: { model: IModel<ITraits> }): JSX.Element {
  const { model } = props;
  const { name, description, versions, more, selected, message } = useTraits(model, TRAITS);
  const questions = useQuestions(model);
  const silence = useSilence(questions);
  return (
    <section className="jp-TracksideCard jp-mod-list" aria-label={`Model ${name}`}>
      <div className="jp-TracksideCard-head">
        <span className="jp-TracksideCard-name">{name}</span>
        <span className="jp-TracksideCard-dim">{description}</span>
        <span className="jp-TracksideCard-actions">
          {selected && <Action label="Clear" onClick={() => choose(model, { selected: '' })} />}
          <Action label="Refresh" onClick={() => questions.ask('refresh')} />
        </span>
      </div>
      {versions.length > 0 ? (
        <VersionTable
          label={`Versions of ${name}`}
          versions={versions}
          selected={selected}
          onSelect={version => choose(model, { selected: version })}
        />
      ) : (
        <p className="jp-TracksideCard-dim">No versions.</p>
      )}
      {more && <p className="jp-TracksideCard-dim">There are older versions.</p>}
      {(message || silence) && (
        <p className="jp-TracksideCard-notice" role="alert">
          {message || silence}
        </p>
      )}
    </section>
  );
}

export default drawing(ModelView);
