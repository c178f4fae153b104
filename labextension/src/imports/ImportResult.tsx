import * as React from 'react';

import { type IImport, isUnderWay } from '../api/transfers';
import type { ImportModel } from './model';
import { amountText, kindLabel, outcomeText, share, stateText } from './words';

/** How far an import is, and what came of it. */
export function ImportResult(props: { model: ImportModel; found: IImport }): React.ReactElement {
  const { model, found } = props;
  const { trans } = model;
  const { counts, problems } = found.progress;
  const part = share(found);
  const amount = amountText(found, trans);
  const shown = found.first_problems ?? [];
  return (
    <section className="jp-TracksideImport-result" aria-label={trans.__('Import')}>
      <p
        role="status"
        className={found.state === 'FAILED' ? 'jp-TracksideNotice jp-mod-alert' : undefined}
      >
        {stateText(found, trans)}
      </p>
      {isUnderWay(found) && (
        <div className="jp-TracksideImport-bar">
          <progress
            aria-label={trans.__('How much has come')}
            value={part === null ? undefined : part}
          />
          <button type="button" className="jp-TracksideLink" onClick={() => void model.cancel()}>
            {trans.__('Stop')}
          </button>
        </div>
      )}
      {Object.keys(counts).length > 0 && (
        <dl>
          {Object.entries(counts).map(([kind, outcomes]) => (
            <React.Fragment key={kind}>
              <dt>{kindLabel(kind, trans)}</dt>
              <dd>{outcomeText(outcomes, found.dry_run, trans)}</dd>
            </React.Fragment>
          ))}
          {amount && (
            <>
              <dt>{trans.__('Content')}</dt>
              <dd>{amount}</dd>
            </>
          )}
        </dl>
      )}
      {problems > 0 && (
        <details>
          <summary>
            {trans._n('%1 thing was left out', '%1 things were left out', problems)}
          </summary>
          <ul>
            {shown.map((problem, index) => (
              <li key={index}>{problem.message}</li>
            ))}
            {problems > shown.length && (
              <li>{trans.__('… and %1 more', problems - shown.length)}</li>
            )}
          </ul>
        </details>
      )}
    </section>
  );
}
