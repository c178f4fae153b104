import * as React from 'react';

import { drawnAs, indexOf, scopeOf } from '../../pipelines/paths';
import { useTrans } from '../../shared/trans-context';
import type { IPipelineContext } from './context';
import { IterationPicker } from './IterationPicker';
import { titleOf } from './titles';

/** The graphs from the whole to the one that is shown; loops with a choice of their repetitions. */
export function Breadcrumb({ document }: IPipelineContext): JSX.Element {
  const { scope } = document;
  const trans = useTrans();
  const crumbs: string[] = [];
  for (let path = scope; path; path = scopeOf(path)) {
    crumbs.unshift(path);
  }
  const label = document.spec?.name || trans.__('Pipeline');
  return (
    <nav className="jp-TracksideCrumbs" aria-label={trans.__('Graphs around this one')}>
      <ol>
        <li>
          <Crumb label={label} isLast={!scope} onClick={() => document.leave('')} />
        </li>
        {crumbs.map(path => {
          const index = indexOf(path);
          return (
            <li key={drawnAs(path)}>
              <Crumb
                label={titleOf(document, path)}
                isLast={path === scope}
                onClick={() => document.leave(path)}
              />
              {index !== null && (
                <IterationPicker document={document} loop={drawnAs(path)} index={index} />
              )}
            </li>
          );
        })}
      </ol>
    </nav>
  );
}

function Crumb(props: { label: string; isLast: boolean; onClick: () => void }): JSX.Element {
  const { label, isLast, onClick } = props;
  return isLast ? (
    <span aria-current="location">{label}</span>
  ) : (
    <button type="button" className="jp-TracksideLink" onClick={onClick}>
      {label}
    </button>
  );
}
