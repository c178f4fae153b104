import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import { FEWEST } from '../api/compare';
import type { ITracksideModel } from '../tokens';
import { Fallback } from './Fallback';
import { useSeen } from './useSeen';

const CompareView = React.lazy(() => import('../documents/compare/CompareView'));

/** Runs side by side in a cell: live once it is seen, and until then as the notebook holds it. */
export function CompareOutput(props: {
  model: ITracksideModel;
  runIds: readonly string[];
  commands: CommandRegistry;
  fallback: string;
}): JSX.Element {
  const { model, runIds, commands, fallback } = props;
  const [host, isSeen] = useSeen<HTMLDivElement>();
  const still = <Fallback html={fallback} sentence="" />;
  return (
    <div ref={host}>
      {isSeen && runIds.length >= FEWEST ? (
        <React.Suspense fallback={still}>
          <CompareView model={model} commands={commands} runIds={runIds} fallback={still} />
        </React.Suspense>
      ) : (
        still
      )}
    </div>
  );
}
