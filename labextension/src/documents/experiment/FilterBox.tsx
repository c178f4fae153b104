import * as React from 'react';

import { ApiError, explain } from '../../api/request';
import { useSignal } from '../../components/hooks';
import { toFilter } from '../../models/fields';
import { useTyped } from '../../shared/useTyped';
import type { ITableContext } from './context';
import { completed, type ISpot, isWhole, spotAt } from './grammar';

/** How long to wait after the last key. */
const PAUSE = 200;
const OFFER_AFTER = 80;

let count = 0;

/** The filter in MLflow's grammar, with what may come next, and what is wrong at its place. */
export function FilterBox(props: ITableContext): JSX.Element {
  const { table } = props;
  const { trans } = table.tracks;
  useSignal(table.rows.changed);
  const { filter } = table.view;
  const [text, setText, ask] = useTyped(filter, next => {
    if (next !== table.view.filter) {
      table.setView({ filter: next });
    }
  });
  const [cursor, setCursor] = React.useState<number | null>(null);
  const id = React.useMemo(() => `jp-trackside-filter-${(count += 1)}`, []);
  const input = React.useRef<HTMLInputElement>(null);
  const mirror = React.useRef<HTMLDivElement>(null);
  const caret = React.useRef<number | null>(null);
  const offer = useOffer(table, text, cursor);
  const [chosen, setChosen] = React.useState(-1);
  // With the word, and not a picture later: the next key writes behind it.
  React.useLayoutEffect(() => {
    if (caret.current !== null) {
      input.current?.setSelectionRange(caret.current, caret.current);
      caret.current = null;
    }
  });
  React.useEffect(() => setChosen(-1), [offer]);

  React.useEffect(() => {
    if (text === filter || !(isWhole(text) || isName(text))) {
      return undefined;
    }
    const timer = setTimeout(() => ask(text), PAUSE);
    return () => clearTimeout(timer);
  }, [text, filter]);

  const { error } = table.rows;
  const isRefused = error instanceof ApiError && error.kind === 'refused';
  const details = isRefused && text === filter ? error.details : null;
  const wrong = details ? explain(error, trans) : '';
  const items = offer?.items ?? [];
  // What is wrong is read first; the next key offers again.
  const isOpen = items.length > 0 && !wrong;

  const take = (word: string): void => {
    if (!offer) {
      return;
    }
    const [next, place] = completed(text, offer.spot, word);
    setText(next);
    setCursor(place);
    caret.current = place;
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    event.stopPropagation();
    if (isOpen && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      const by = event.key === 'ArrowDown' ? 1 : -1;
      setChosen((chosen + by + items.length + (chosen < 0 && by < 0 ? 1 : 0)) % items.length);
    } else if (isOpen && chosen >= 0 && (event.key === 'Enter' || event.key === 'Tab')) {
      take(items[chosen]);
    } else if (event.key === 'Enter') {
      setCursor(null);
      ask(text);
      return;
    } else if (event.key === 'Escape' && isOpen) {
      setCursor(null);
    } else if (event.key === 'Escape' && text) {
      setText('');
      ask('');
    } else if (event.key === ' ' && event.ctrlKey) {
      setCursor(input.current?.selectionStart ?? text.length);
    } else {
      return;
    }
    event.preventDefault();
  };

  return (
    <div className="jp-TracksideTableFilter">
      <div className="jp-TracksideTableFilter-box">
        <div ref={mirror} className="jp-TracksideTableFilter-mirror" aria-hidden>
          {marked(text, details?.position, details?.length)}
        </div>
        <input
          ref={input}
          type="text"
          role="combobox"
          className="jp-TracksideInput"
          placeholder={trans.__('Filter: a name, or metrics.loss < 0.3')}
          aria-label={trans.__('Filter runs')}
          aria-autocomplete="list"
          aria-expanded={isOpen}
          aria-controls={`${id}-list`}
          aria-activedescendant={chosen >= 0 && isOpen ? `${id}-${chosen}` : undefined}
          aria-invalid={wrong ? true : undefined}
          aria-describedby={wrong ? `${id}-error` : undefined}
          spellCheck={false}
          autoComplete="off"
          value={text}
          onChange={event => {
            setText(event.target.value);
            setCursor(event.target.selectionStart);
          }}
          onClick={event => setCursor(event.currentTarget.selectionStart)}
          onBlur={() => setCursor(null)}
          onScroll={event => {
            if (mirror.current) {
              mirror.current.scrollLeft = event.currentTarget.scrollLeft;
            }
          }}
          onKeyDown={onKeyDown}
        />
        {text && (
          <button
            type="button"
            className="jp-TracksideTableFilter-clear"
            aria-label={trans.__('Clear the filter')}
            title={trans.__('Clear the filter')}
            onClick={() => {
              setText('');
              ask('');
              input.current?.focus();
            }}
          >
            <svg viewBox="0 0 16 16" width="12" height="12" aria-hidden>
              <path d="M4 4l8 8M12 4l-8 8" stroke="currentColor" strokeWidth="1.5" />
            </svg>
          </button>
        )}
        <ul
          id={`${id}-list`}
          role="listbox"
          className="jp-TracksideTableFilter-offer"
          aria-label={trans.__('What may come next')}
          hidden={!isOpen}
        >
          {items.map((word, at) => (
            <li
              key={word}
              id={`${id}-${at}`}
              role="option"
              aria-selected={at === chosen}
              // The box keeps the focus.
              onMouseDown={event => {
                event.preventDefault();
                take(word);
              }}
            >
              {word}
            </li>
          ))}
        </ul>
      </div>
      {wrong && (
        <p id={`${id}-error`} className="jp-TracksideTableFilter-error" role="alert">
          {wrong}
        </p>
      )}
    </div>
  );
}

/** Whether plain text looks for names, rather than being the beginning of a comparison. */
function isName(text: string): boolean {
  return (
    toFilter(text) !== text.trim() && !/^\W*(metrics?|params?|tags?|attr(ibute)?s?)\./i.test(text)
  );
}

interface IOffer {
  spot: ISpot;
  items: string[];
}

// What may come next where the cursor is; nothing while the box is left alone.
function useOffer(
  table: ITableContext['table'],
  text: string,
  cursor: number | null
): IOffer | null {
  const [offer, setOffer] = React.useState<IOffer | null>(null);
  React.useEffect(() => {
    if (cursor === null) {
      setOffer(null);
      return undefined;
    }
    const abort = new AbortController();
    const spot = spotAt(text, cursor);
    const timer = setTimeout(() => {
      table.suggestions.at(spot, abort.signal).then(
        found => {
          if (!abort.signal.aborted) {
            const items = found.filter(word => word !== spot.typed);
            setOffer(items.length ? { spot, items } : null);
          }
        },
        () => setOffer(null)
      );
    }, OFFER_AFTER);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [table, text, cursor]);
  return offer;
}

function marked(text: string, position: number | undefined, length = 1): React.ReactNode {
  if (position === undefined) {
    return text;
  }
  // What is missing at the end is marked behind it.
  const end = Math.max(position + 1, position + length);
  return (
    <>
      {text.slice(0, position)}
      <mark>{text.slice(position, end) || ' '}</mark>
      {text.slice(end)}
    </>
  );
}
