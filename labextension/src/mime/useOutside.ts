import type * as React from 'react';

import { useRefresh, useSignal } from '../components/hooks';
import { outsideOf } from '../models/outside';
import type { ITracksideModel } from '../tokens';

/** How often runs on an outside server are asked for while they are in view. */
const WHILE_LIVE = 5000;
const WHEN_ENDED = 60_000;

/** A ref for an output of runs: an outside server tells of nothing, so it is asked. */
export function useOutside(
  model: ITracksideModel,
  isLive: boolean,
  refresh: () => Promise<void>
): React.RefObject<HTMLDivElement> {
  useSignal(model.infoChanged);
  const every = isLive ? WHILE_LIVE : WHEN_ENDED;
  return useRefresh(outsideOf(model.info) ? every : null, refresh);
}
