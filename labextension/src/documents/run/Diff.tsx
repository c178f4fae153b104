import * as React from 'react';

import { useSteps } from '../../components/LongTable';
import type { ITracksideModel } from '../../tokens';

/** How many lines are drawn at first. */
const FIRST = 400;

function kindOf(line: string): string {
  if (/^(diff |index |\+\+\+ |--- |new file|deleted file|similarity|rename )/.test(line)) {
    return 'jp-mod-file';
  }
  switch (line[0]) {
    case '+':
      return 'jp-mod-added';
    case '-':
      return 'jp-mod-removed';
    case '@':
      return 'jp-mod-place';
    default:
      return '';
  }
}

/** The difference to a commit. Signs say what colours say. */
export function Diff(props: {
  text: string;
  isWhole: boolean;
  trans: ITracksideModel['trans'];
}): JSX.Element {
  const { text, isWhole, trans } = props;
  const lines = React.useMemo(() => text.replace(/\n$/, '').split('\n'), [text]);
  const [shown, more] = useSteps(lines, trans, FIRST);
  return (
    <>
      <pre
        className="jp-TracksideCode jp-TracksideDiff"
        tabIndex={0}
        aria-label={trans.__('Uncommitted changes')}
      >
        {shown.map((line, at) => (
          <div key={at} className={kindOf(line)}>
            {line || ' '}
          </div>
        ))}
      </pre>
      {more}
      {!isWhole && (
        <p className="jp-TracksideDoc-note">
          {trans.__('The rest is among the artifacts, in “provenance”.')}
        </p>
      )}
    </>
  );
}
