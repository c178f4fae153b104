import type { ServerConnection } from '@jupyterlab/services';

/** The settings of a server, with somebody who hears of each request that it did not answer. */
export function withEar(
  settings: ServerConnection.ISettings,
  onSilence: () => void
): ServerConnection.ISettings {
  // The browser's own cannot be called as a method of something else.
  const { fetch } = settings;
  return {
    ...settings,
    fetch: async (input, init) => {
      try {
        return await fetch(input, init);
      } catch (reason) {
        // Who gave a request up knows so; it says nothing about the server.
        if (!(reason instanceof DOMException && reason.name === 'AbortError')) {
          onSilence();
        }
        throw reason;
      }
    }
  };
}
