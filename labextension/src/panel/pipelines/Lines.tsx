import * as React from 'react';

import { EmptyState } from '../../components/EmptyState';
import { useSignal, useSteady } from '../../components/hooks';
import { Skeleton } from '../../components/Skeleton';
import { type IVirtualListProps, VirtualList } from '../../components/VirtualList';
import type { PipelineList } from '../../models/pipelinelist';
import { Action } from '../../shared/Action';
import { Away } from '../Away';

/** A list of the section: its rows, or what stands in their place. */
export function Lines<T>(
  props: Pick<
    IVirtualListProps<T>,
    'label' | 'describe' | 'renderRow' | 'attributes' | 'onOpen' | 'onDelete' | 'footer'
  > & {
    list: PipelineList<T>;
    /** What is said where there is nothing, and the code that changes that. */
    sentence: string;
    code?: string;
    children?: React.ReactNode;
  }
): React.ReactElement {
  const { list, sentence, code, children, ...rest } = props;
  const { trans, connection, kfp } = list.model;
  // That its whole server is away is said once, above.
  const error = list.place === 'kfp' && kfp.isAway ? '' : list.error;
  useSignal(list.changed);
  const [held, setHeld] = React.useState(false);
  const keyOf = (item: T): string => list.keyOf(item);
  const items = useSteady(list.items, keyOf, held && !list.isLoading);
  if (connection.state !== 'ok' && connection.state !== 'connecting' && items.length === 0) {
    return <Away trans={trans} />;
  }
  return (
    <>
      {error && connection.state === 'ok' && (
        <div className="jp-TracksideNotice jp-mod-alert" role="alert">
          <p>{error}</p>
          {list.place === 'kfp' && (
            <Action label={trans.__('Try again')} onClick={() => list.refresh()} />
          )}
        </div>
      )}
      {items.length > 0 ? (
        <VirtualList
          {...rest}
          items={items}
          keyOf={keyOf}
          onEnd={() => void list.loadMore()}
          onHeld={setHeld}
        />
      ) : list.isLoading ? (
        <Skeleton rows={3} />
      ) : list.error ? null : (
        <EmptyState trans={trans} sentence={sentence} code={code}>
          {children}
        </EmptyState>
      )}
    </>
  );
}
