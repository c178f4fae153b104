import * as React from 'react';

import { Action } from '../../labextension/src/shared/Action';
import { count } from '../../labextension/src/shared/format';
import type { IListedRun, IListOrder } from '../../labextension/src/shared/runs/rows';
import { RunTable } from '../../labextension/src/shared/runs/RunTable';
import { useTrans } from '../../labextension/src/shared/trans-context';
import { useTyped } from '../../labextension/src/shared/useTyped';
import { orderOf, orderText } from './order';
import { choose, drawing, useQuestions, useSilence, useTraits, type IModel } from './kernel';
import { useWindow } from './window';

/** What a filter looks like: its grammar is the same in every language. */
const EXAMPLE = 'metrics.loss < 0.3';

/** How long typing rests before the kernel is asked. */
const REST = 400;

/** The state that the kernel shares with this view. */
interface ITraits {
  experiment: string;
  filter: string;
  order_by: string[];
  columns: string[];
  chosen: string[];
  selected: string[];
  total: number | null;
  revision: number;
  message: string;
}

const TRAITS = [
  'experiment',
  'filter',
  'order_by',
  'columns',
  'chosen',
  'selected',
  'total',
  'revision',
  'message'
] as const;

function RunsView(props: { model: IModel<ITraits> }): JSX.Element {
  const { model } = props;
  const traits = useTraits(model, TRAITS);
  const { experiment, filter, selected, total, message } = traits;
  const trans = useTrans();
  const questions = useQuestions(model);
  const silence = useSilence(questions);
  const rows = useWindow<IListedRun>(questions, traits.revision);
  const columns = traits.columns.length > 0 ? traits.columns : traits.chosen;
  const known = total ?? rows.count;
  const amount =
    total === null && rows.hasMore
      ? trans.__('%1+ runs', count(known))
      : trans._n('%2 run', '%2 runs', known, count(known));
  const label = experiment ? trans.__('Runs of %1', experiment) : trans.__('Runs');
  const onOrder = (order: IListOrder): void => choose(model, { order_by: [orderText(order)] });
  return (
    <section className="jp-TracksideCard jp-mod-list" aria-label={label}>
      <div className="jp-TracksideCard-head">
        {experiment && <span className="jp-TracksideCard-name">{experiment}</span>}
        <span className="jp-TracksideCard-dim">{amount}</span>
        {experiment && (
          <FilterBox value={filter} onChange={text => choose(model, { filter: text })} />
        )}
        <span className="jp-TracksideCard-actions">
          {selected.length > 0 && (
            <Action
              label={trans._n('Clear %1 selected', 'Clear %1 selected', selected.length)}
              onClick={() => choose(model, { selected: [] })}
            />
          )}
          <Action label={trans.__('Refresh')} onClick={() => questions.ask('refresh')} />
        </span>
      </div>
      <RunTable
        label={label}
        count={known}
        rowAt={rows.at}
        onRange={rows.want}
        columns={columns}
        curves={rows.curves}
        selected={selected}
        onSelect={ids => choose(model, { selected: ids })}
        order={orderOf(traits.order_by)}
        onOrder={experiment ? onOrder : undefined}
      />
      {known === 0 && rows.isKnown && (
        <p className="jp-TracksideCard-dim">{trans.__('No runs.')}</p>
      )}
      {(message || silence) && (
        <p className="jp-TracksideCard-notice" role="alert">
          {message || silence}
        </p>
      )}
    </section>
  );
}

/** Where a filter is typed; the kernel is asked when the typing rests. */
function FilterBox(props: { value: string; onChange: (text: string) => void }): JSX.Element {
  const { value, onChange } = props;
  const trans = useTrans();
  const [text, setText, ask] = useTyped(value, onChange);
  React.useEffect(() => {
    const timer = text === value ? undefined : setTimeout(() => ask(text), REST);
    return () => clearTimeout(timer);
  }, [text, value]);
  return (
    <input
      type="search"
      className="jp-TracksideCard-filter"
      value={text}
      placeholder={EXAMPLE}
      aria-label={trans.__('Filter')}
      spellCheck={false}
      // A notebook has shortcuts of one letter.
      onKeyDown={event => event.stopPropagation()}
      onChange={event => setText(event.target.value)}
    />
  );
}

export default drawing(RunsView);
