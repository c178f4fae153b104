import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IFileDifference } from '../../api/compare';
import { useSteps } from '../../components/LongTable';
import { type IDiffLine, readDiff, sideBySide } from './diff';

/** How many lines are drawn at first. */
const FIRST = 300;

/** A file of a run against that of the base run. Signs say what colours say. */
export function FileDiff(props: {
  difference: IFileDifference;
  isSplit: boolean;
  /** The runs that differ in this way. */
  runNames: readonly string[];
  baseName: string;
  fileName: string;
  word: string;
  trans: TranslationBundle;
}): JSX.Element {
  const { difference, isSplit, runNames, baseName, fileName, word, trans } = props;
  const lines = React.useMemo(() => readDiff(difference.diff ?? ''), [difference.diff]);
  const [shown, more] = useSteps(lines, trans, FIRST);
  const names = runNames.join(', ');
  const label = trans.__('%1: %2 against %3', fileName, names, baseName);
  return (
    <div className="jp-TracksideCompare-file">
      <p>
        <bdi>{names}</bdi> <span className="jp-TracksideCompare-dim">{word}</span>
        {lines.length > 0 && (
          <span className="jp-TracksideCompare-dim">
            {trans.__('+%1 −%2', difference.added, difference.removed)}
          </span>
        )}
      </p>
      {lines.length > 0 && (
        <div
          className="jp-TracksideCode jp-TracksideDiff"
          tabIndex={0}
          role="region"
          aria-label={label}
        >
          {isSplit ? <Split lines={shown} /> : <Unified lines={shown} />}
        </div>
      )}
      {more}
    </div>
  );
}

const CLASSES = {
  same: '',
  added: 'jp-mod-added',
  removed: 'jp-mod-removed',
  place: 'jp-mod-place'
} as const;
const SIGNS = { same: ' ', added: '+', removed: '−', place: '' } as const;

function Unified(props: { lines: readonly IDiffLine[] }): JSX.Element {
  return (
    <table className="jp-TracksideCompare-diff">
      <tbody>
        {props.lines.map((line, at) => (
          <tr key={at} className={CLASSES[line.kind]}>
            <td className="jp-mod-line">{line.old}</td>
            <td className="jp-mod-line">{line.now}</td>
            <td className="jp-mod-sign">{SIGNS[line.kind]}</td>
            <td>{line.text || ' '}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Split(props: { lines: readonly IDiffLine[] }): JSX.Element {
  const pairs = React.useMemo(() => sideBySide(props.lines), [props.lines]);
  return (
    <table className="jp-TracksideCompare-diff jp-mod-split">
      <colgroup>
        {['old', 'new'].map(side => (
          <React.Fragment key={side}>
            <col className="jp-mod-line" />
            <col className="jp-mod-sign" />
            <col />
          </React.Fragment>
        ))}
      </colgroup>
      <tbody>
        {pairs.map(({ left, right }, at) =>
          left?.kind === 'place' ? (
            <tr key={at} className="jp-mod-place">
              <td colSpan={6}>{left.text}</td>
            </tr>
          ) : (
            <tr key={at}>
              <Half line={left} number={left?.old ?? null} />
              <Half line={right} number={right?.now ?? null} />
            </tr>
          )
        )}
      </tbody>
    </table>
  );
}

function Half(props: { line: IDiffLine | null; number: number | null }): JSX.Element {
  const { line, number } = props;
  const kind = line ? CLASSES[line.kind] : 'jp-mod-empty';
  return (
    <>
      <td className={`jp-mod-line ${kind}`}>{number}</td>
      <td className={`jp-mod-sign ${kind}`}>{line && SIGNS[line.kind]}</td>
      <td className={kind}>{line?.text || ' '}</td>
    </>
  );
}
