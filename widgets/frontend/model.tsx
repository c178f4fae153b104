import * as React from 'react';

import { Action } from '../../labextension/src/shared/Action';
import { useTrans } from '../../labextension/src/shared/trans-context';
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
  const trans = useTrans();
  const questions = useQuestions(model);
  const silence = useSilence(questions);
  return (
    <section className="jp-TracksideCard jp-mod-list" aria-label={trans.__('Model %1', name)}>
      <div className="jp-TracksideCard-head">
        <span className="jp-TracksideCard-name">{name}</span>
        <span className="jp-TracksideCard-dim">{description}</span>
        <span className="jp-TracksideCard-actions">
          {selected && (
            <Action label={trans.__('Clear')} onClick={() => choose(model, { selected: '' })} />
          )}
          <Action label={trans.__('Refresh')} onClick={() => questions.ask('refresh')} />
        </span>
      </div>
      {versions.length > 0 ? (
        <VersionTable
          label={trans.__('Versions of %1', name)}
          versions={versions}
          selected={selected}
          onSelect={version => choose(model, { selected: version })}
        />
      ) : (
        <p className="jp-TracksideCard-dim">{trans.__('No versions.')}</p>
      )}
      {more && <p className="jp-TracksideCard-dim">{trans.__('There are older versions.')}</p>}
      {(message || silence) && (
        <p className="jp-TracksideCard-notice" role="alert">
          {message || silence}
        </p>
      )}
    </section>
  );
}

export default drawing(ModelView);
