import type { TranslationBundle } from '@jupyterlab/translation';

import { ApiError, explain } from '../api/request';
import type { IConnection } from '../tokens';

/** How the connection stands after a request failed. */
export function connectionAfter(error: unknown, trans: TranslationBundle): IConnection {
  const temporary = !(error instanceof ApiError) || error.isTemporary;
  return {
    state: temporary ? 'offline' : 'unavailable',
    sentence: explain(error, trans)
  };
}

/**
 * What to do about two halves of different versions, or nothing when they are close enough.
 *
 * Patch releases understand each other; anything further apart may not.
 */
export function versionAdvice(front: string, server: string, trans: TranslationBundle): string {
  const [frontParts, serverParts] = [front, server].map(parts);
  if (frontParts[0] === serverParts[0] && frontParts[1] === serverParts[1]) {
    return '';
  }
  const serverIsNewer =
    serverParts[0] > frontParts[0] ||
    (serverParts[0] === frontParts[0] && serverParts[1] > frontParts[1]);
  return serverIsNewer
    ? trans.__(
        'This page is from Trackside %1, the server runs %2. Reload the page to bring them together.',
        front,
        server
      )
    : trans.__(
        'The server still runs Trackside %1, this page is from %2. Restart the Jupyter server to bring them together.',
        server,
        front
      );
}

function parts(version: string): [number, number] {
  const [major = 0, minor = 0] = version.split('.').map(part => Number.parseInt(part, 10) || 0);
  return [major, minor];
}
