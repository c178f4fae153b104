import type { IOutsideServer, IServerInfo } from '../api/types';

/** The outside MLflow server that keeps the runs; nothing when this server does. */
export function outsideOf(info: IServerInfo | null): IOutsideServer | null {
  return info?.tracking?.kind === 'upstream' ? info.tracking : null;
}

/** Whether two descriptions of a server say the same. */
export function isSameInfo(one: IServerInfo | null, other: IServerInfo | null): boolean {
  return JSON.stringify(one?.tracking) === JSON.stringify(other?.tracking);
}
