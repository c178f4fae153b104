import * as React from 'react';

import { explain } from '../../api/request';
import type { ITracksideModel } from '../../tokens';

/** Does something that may fail; what went wrong is said where it was asked for. */
export function useAct(
  trans: ITracksideModel['trans']
): [act: (task: () => Promise<unknown>) => Promise<boolean>, problem: string, isBusy: boolean] {
  const [problem, setProblem] = React.useState('');
  const [isBusy, setBusy] = React.useState(false);
  const alive = React.useRef(true);
  React.useEffect(() => {
    alive.current = true;
    return () => {
      alive.current = false;
    };
  }, []);
  const act = async (task: () => Promise<unknown>): Promise<boolean> => {
    setBusy(true);
    setProblem('');
    try {
      await task();
      return true;
    } catch (error) {
      if (alive.current) {
        setProblem(explain(error, trans));
      }
      return false;
    } finally {
      if (alive.current) {
        setBusy(false);
      }
    }
  };
  return [act, problem, isBusy];
}

/** What went wrong, where it was asked for. */
export function Problem(props: { text: string }): JSX.Element | null {
  return props.text
    ? React.createElement(
        'p',
        { className: 'jp-TracksideNotice jp-mod-alert', role: 'alert' },
        props.text
      )
    : null;
}
