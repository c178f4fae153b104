import * as React from 'react';

import { drawnAs } from '../../pipelines/paths';
import { timeWord } from '../../shared/graph/words';
import { stateLook } from '../../shared/states';
import { useTrans } from '../../shared/trans-context';
import type { PipelineRunModel } from './model';
import { titleOf } from './titles';

/** Which repetition of a loop is shown. */
export function IterationPicker(props: {
  document: PipelineRunModel;
  loop: string;
  index: number | null;
}): JSX.Element {
  const { document, loop, index } = props;
  const trans = useTrans();
  const { tree } = document;
  const iterations = tree.iterationsOf(loop);
  const isKnown = iterations.some(one => one.index === index);
  const total = tree.byPath.get(drawnAs(loop))?.iterations ?? iterations.length;
  const now = Date.now();
  return (
    <select
      className="jp-TracksideSelect"
      aria-label={trans.__('Iteration of %1', titleOf(document, loop))}
      value={index ?? ''}
      onChange={event => document.chooseIteration(loop, Number(event.target.value))}
    >
      {index === null && <option value="">{trans.__('Choose an iteration')}</option>}
      {index !== null && !isKnown && (
        <option value={index}>{trans.__('%1 of %2', index, total)}</option>
      )}
      {iterations.map(one => (
        <option key={one.path} value={one.index!}>
          {[`#${one.index}`, stateLook(one.state, trans).label, timeWord(one, now, trans)]
            .filter(Boolean)
            .join(' · ')}
        </option>
      ))}
    </select>
  );
}
