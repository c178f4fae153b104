import * as React from 'react';

import type { ITrans } from './trans';
import { useTrans } from './trans-context';

/** A word that does something: a quiet text button. */
export function Action(props: {
  label: string;
  onClick: () => unknown;
  title?: string;
  /** Asked for in place of the label before it is done, for what cannot be undone. */
  confirm?: string;
  /** Whether it unfolds something, and whether that is open. */
  expanded?: boolean;
  /** Whether it is a switch, and whether that is on. */
  pressed?: boolean;
  disabled?: boolean;
  strong?: boolean;
  icon?: React.ReactNode;
}): JSX.Element {
  const { label, onClick, title, confirm, expanded, pressed, disabled, strong, icon } = props;
  const trans = useTrans();
  const [busy, setBusy] = React.useState(false);
  const [asking, setAsking] = React.useState(false);
  const [problem, setProblem] = React.useState('');
  const alive = React.useRef(true);
  React.useEffect(() => {
    alive.current = true;
    return () => {
      alive.current = false;
    };
  }, []);
  React.useEffect(() => {
    if (!asking) {
      return;
    }
    const timer = setTimeout(() => setAsking(false), 5000);
    return () => clearTimeout(timer);
  }, [asking]);

  const act = (): void => {
    if (busy) {
      return;
    }
    if (confirm && !asking) {
      setAsking(true);
      return;
    }
    setAsking(false);
    setProblem('');
    const result = onClick();
    if (result instanceof Promise) {
      setBusy(true);
      void result
        .catch(reason => alive.current && setProblem(sentence(reason, trans)))
        .finally(() => alive.current && setBusy(false));
    }
  };
  const classes = ['jp-TracksideAction'];
  if (strong || asking) {
    classes.push('jp-mod-strong');
  }
  const button = (
    <button
      type="button"
      className={classes.join(' ')}
      title={title}
      aria-expanded={expanded}
      aria-pressed={pressed}
      aria-busy={busy || undefined}
      disabled={disabled}
      onClick={act}
      onBlur={() => setAsking(false)}
    >
      {asking ? confirm : label}
      {icon}
    </button>
  );
  return problem ? (
    <>
      {button}
      <span className="jp-TracksideAction-problem" role="alert">
        {problem}
      </span>
    </>
  ) : (
    button
  );
}

// What goes wrong says so in a sentence, and some of it what to do.
function sentence(reason: unknown, trans: ITrans): string {
  const { kind, message, details } = reason as {
    kind?: string;
    message?: string;
    details?: { hint?: string };
  };
  if (kind === 'network') {
    return trans.__('The server does not answer. Try again.');
  }
  return [message ?? String(reason), details?.hint].filter(Boolean).join(' ');
}

/** The arrow of what opens elsewhere. */
export function OpenArrow(): JSX.Element {
  return (
    <svg className="jp-TracksideArrow" viewBox="0 0 16 16" width="10" height="10" aria-hidden>
      <path d="M5 3h8v8M13 3 4 12" />
    </svg>
  );
}
