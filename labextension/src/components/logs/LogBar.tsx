import { caretDownIcon, caretUpIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { Action } from '../../shared/Action';
import { count, size } from '../../shared/format';
import { useTrans } from '../../shared/trans-context';
import { IconButton } from '../IconButton';
import type { LogController } from './controller';
import type { ILogSearch } from './useSearch';

/** What stands above a log: search, following, wrapping, saving. */
export function LogBar(props: {
  controller: LogController;
  search: ILogSearch;
  wrap: boolean;
  onWrap: (wrap: boolean) => void;
  onFollow: () => void;
  /** Chooses another log of the same job. */
  chooser?: React.ReactNode;
}): JSX.Element {
  const { controller, search, wrap, onWrap, onFollow, chooser } = props;
  const trans = useTrans();
  const isPart = controller.window.start > 0 || !controller.atEnd;
  return (
    <div className="jp-TracksideLogBar" role="toolbar" aria-label={trans.__('Log')}>
      {chooser}
      <input
        type="search"
        className="jp-TracksideLogBar-search"
        placeholder={trans.__('Search')}
        aria-label={trans.__('Search in the log')}
        value={search.query}
        onChange={event => search.setQuery(event.target.value)}
        onKeyDown={event => {
          if (event.key === 'Enter') {
            event.preventDefault();
            if (event.shiftKey) {
              search.next();
            } else {
              search.previous();
            }
          } else if (event.key === 'Escape' && search.query) {
            event.stopPropagation();
            search.setQuery('');
          }
        }}
      />
      {search.query && (
        <>
          <span className="jp-TracksideLogBar-count" role="status">
            {summary(search, trans)}
          </span>
          <IconButton
            icon={caretUpIcon}
            label={trans.__('Match above')}
            onClick={search.previous}
          />
          <IconButton icon={caretDownIcon} label={trans.__('Match below')} onClick={search.next} />
          {isPart && !search.scan && (
            <Action
              label={
                controller.size > 0
                  ? trans.__('Search all %1', size(controller.size))
                  : trans.__('Search all')
              }
              title={trans.__('Only the part that is loaded has been searched')}
              onClick={search.searchAll}
            />
          )}
        </>
      )}
      <span className="jp-TracksideLogBar-space" />
      {!controller.connected && !controller.ended && (
        <span className="jp-TracksideLogBar-count" role="status">
          {trans.__('Waiting for the server')}
        </span>
      )}
      {controller.size > 0 && (
        <span className="jp-TracksideLogBar-count">{size(controller.size)}</span>
      )}
      <Action
        label={controller.ended ? trans.__('To the end') : trans.__('Follow')}
        pressed={controller.ended ? undefined : controller.following}
        onClick={onFollow}
      />
      <Action label={trans.__('Wrap')} pressed={wrap} onClick={() => onWrap(!wrap)} />
      <a
        className="jp-TracksideAction"
        href={controller.api.logDownloadUrl(controller.job, controller.rank)}
        download={`${controller.job}${controller.rank ? `-${controller.rank}` : ''}.log`}
      >
        {trans.__('Download')}
      </a>
    </div>
  );
}

function summary(search: ILogSearch, trans: ReturnType<typeof useTrans>): string {
  const total = search.more ? `${count(search.total)}+` : count(search.total);
  const found =
    search.index > 0
      ? trans.__('%1 of %2', count(search.index), total)
      : trans._n('%2 match', '%2 matches', search.total, total);
  return search.scan && !search.scan.done
    ? trans.__('%1, %2 % searched', found, Math.floor(search.scan.fraction * 100))
    : found;
}
