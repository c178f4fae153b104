import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { useSteps } from '../../components/LongTable';
import { differences, type ITaskDifference } from '../../pipelines/difference';
import type { ISpec } from '../../pipelines/ir';

/** What is different between two compiled pipelines, task by task. */
export function Difference(props: {
  before: ISpec;
  after: ISpec;
  trans: TranslationBundle;
}): JSX.Element {
  const { before, after, trans } = props;
  const found = React.useMemo(() => differences(before, after), [before, after]);
  const [shown, more] = useSteps(found, trans);
  if (found.length === 0) {
    return <p>{trans.__('No task is different.')}</p>;
  }
  return (
    <>
      <ul className="jp-TracksidePipelineDoc-differences">
        {shown.map(one => (
          <li key={one.path}>
            <span>{fateText(one.fate, trans)}</span>
            <span>
              <bdi title={one.path}>{one.place}</bdi>
              {one.what.length > 0 && `: ${one.what.map(what => whatText(what, trans)).join(', ')}`}
            </span>
          </li>
        ))}
      </ul>
      {more}
    </>
  );
}

function fateText(fate: ITaskDifference['fate'], trans: TranslationBundle): string {
  switch (fate) {
    case 'added':
      return trans.__('+ added');
    case 'removed':
      return trans.__('− removed');
    case 'changed':
      return trans.__('≠ changed');
  }
}

function whatText(what: string, trans: TranslationBundle): string {
  switch (what) {
    case 'kind':
      return trans.__('what kind of task it is');
    case 'condition':
      return trans.__('its condition');
    case 'image':
      return trans.__('its image');
    case 'code':
      return trans.__('its code');
    case 'inputs':
      return trans.__('where its inputs come from');
    case 'constants':
      return trans.__('its values');
    case 'order':
      return trans.__('what it waits for');
    default:
      return trans.__('how it is repeated and tried again');
  }
}
