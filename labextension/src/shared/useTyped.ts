import * as React from 'react';

/**
 * The text of a box that asks while somebody types.
 *
 * @param asked - What is asked for now.
 * @param onAsk - Asks for something else.
 * @returns What stands in the box, what writes there, and what asks.
 */
export function useTyped(
  asked: string,
  onAsk: (text: string) => void
): [string, (text: string) => void, (text: string) => void] {
  const [text, setText] = React.useState(asked);
  const own = React.useRef(asked);
  const latest = React.useRef(onAsk);
  latest.current = onAsk;
  React.useEffect(() => {
    // Of what the box itself asked for, somebody may have typed on.
    if (asked !== own.current) {
      own.current = asked;
      setText(asked);
    }
  }, [asked]);
  const ask = React.useCallback((next: string) => {
    own.current = next;
    latest.current(next);
  }, []);
  return [text, setText, ask];
}
