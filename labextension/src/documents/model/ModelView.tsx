import * as React from 'react';

import { useAfter, useRefresh, useSignal } from '../../components/hooks';
import { EmptyState } from '../../components/EmptyState';
import { outsideOf } from '../../models/outside';
import { Action } from '../../shared/Action';
import { quoted } from '../../shared/python';
import { TransContext } from '../../shared/trans-context';
import { Aliases } from './Aliases';
import { Board } from './Board';
import type { IModelContext } from './context';
import { Description } from './Description';
import { History } from './History';
import { ModelHeader } from './ModelHeader';
import { Tags } from './Tags';
import { VersionDetails } from './VersionDetails';
import { VersionsTable } from './VersionsTable';

/** How often a model of an outside server, which tells of nothing, is asked for while in view. */
const EVERY = 15_000;

/** A registered model: its board, its versions, and the history of who promoted what. */
export function ModelView(props: IModelContext): JSX.Element {
  const { document, rendermime, compact } = props;
  const { tracks, model } = document;
  const { trans } = tracks;
  useSignal(document.changed);
  const frame = useRefresh<HTMLDivElement>(outsideOf(tracks.info) ? EVERY : null, () =>
    document.refresh()
  );
  const isLate = useAfter(!model && !document.problem);
  if (!model) {
    return document.problem ? (
      <div ref={frame} className="jp-TracksideEmpty jp-TracksideModel-gone" role="alert">
        <p>{document.problem}</p>
        <Action label={trans.__('Try again')} onClick={() => document.refresh()} />
      </div>
    ) : (
      <div
        ref={frame}
        className="jp-TracksideDoc-skeleton"
        aria-busy="true"
        aria-label={trans.__('Loading the model')}
      >
        {isLate &&
          ['40%', '100%', '100%', '60%'].map((width, at) => <i key={at} style={{ width }} />)}
      </div>
    );
  }
  const { chosen } = document;
  return (
    <TransContext.Provider value={trans}>
      <div ref={frame}>
        <ModelHeader {...props} />
      </div>
      {/* What may scroll can be reached by the keyboard. */}
      <div
        className={`jp-TracksideModel-body ${compact ? 'jp-mod-compact' : ''}`}
        tabIndex={compact ? undefined : 0}
        role="region"
        aria-label={trans.__('Model %1', document.name)}
      >
        <div className="jp-TracksideModel-main">
          {chosen ? (
            <>
              <Board {...props} />
              <VersionsTable {...props} />
              {!compact && <VersionDetails {...props} version={chosen} />}
            </>
          ) : (
            <EmptyState
              sentence={trans.__(
                'No version yet. Register one from the menu of a run, or as it is logged:'
              )}
              code={`mlflow.sklearn.log_model(
    model, name="model",
    registered_model_name=${quoted(document.name)})`}
              trans={trans}
            />
          )}
        </div>
        {!compact && (
          <div className="jp-TracksideModel-side">
            <History {...props} />
            <Aliases document={document} />
            <Description
              title={trans.__('Description')}
              text={model.description}
              document={document}
              rendermime={rendermime}
            />
            <Tags document={document} />
          </div>
        )}
      </div>
    </TransContext.Provider>
  );
}
