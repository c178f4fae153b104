import * as React from 'react';

import { useTrans } from '../../shared/trans-context';
import { Level } from './levels';

/** Chooses how serious the lines are that are shown. */
export function LevelChooser(props: {
  level: Level;
  onLevel: (level: Level) => void;
}): JSX.Element {
  const { level, onLevel } = props;
  const trans = useTrans();
  return (
    <select
      className="jp-TracksideSelect"
      aria-label={trans.__('Lines to show')}
      value={level}
      onChange={event => onLevel(Number(event.target.value) as Level)}
    >
      <option value={Level.Debug}>{trans.__('All lines')}</option>
      <option value={Level.Info}>{trans.__('Without debugging')}</option>
      <option value={Level.Warning}>{trans.__('Warnings and errors')}</option>
      <option value={Level.Error}>{trans.__('Errors')}</option>
    </select>
  );
}
