import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { useTyped } from '../shared/useTyped';

/** How long to wait after the last key. */
const PAUSE = 300;

/** The box for MLflow's filter grammar; plain text looks for names. */
export function FilterBox(props: {
  value: string;
  onChange: (value: string) => void;
  /** The id of the element that says what is wrong with it, when something is. */
  errorId?: string;
  /** What is filtered and how; runs, unless told. */
  label?: string;
  hint?: string;
  trans: TranslationBundle;
}): React.ReactElement {
  const { value, onChange, errorId, trans } = props;
  const [text, setText, ask] = useTyped(value, onChange);
  React.useEffect(() => {
    if (text === value) {
      return undefined;
    }
    const timer = setTimeout(() => ask(text), PAUSE);
    return () => clearTimeout(timer);
  }, [text, value]);
  return (
    <input
      type="search"
      className="jp-TracksideInput"
      placeholder={trans.__('Filter…')}
      title={
        props.hint ??
        trans.__(
          'A name, or MLflow’s grammar: metrics.loss < 0.3 and params.lr = "0.01" and tags.team = "vision" and attributes.status = "FINISHED"'
        )
      }
      aria-label={props.label ?? trans.__('Filter runs')}
      aria-invalid={errorId ? true : undefined}
      aria-describedby={errorId}
      spellCheck={false}
      value={text}
      onChange={event => setText(event.target.value)}
      onKeyDown={event => {
        if (event.key === 'Enter') {
          ask(text);
        } else if (event.key === 'Escape' && text) {
          event.stopPropagation();
          setText('');
          ask('');
        }
      }}
    />
  );
}
