import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'jsdom',
    // Each file has a page and modules of its own, as with processes, which take four times as much.
    pool: 'vmThreads',
    include: ['{labextension/src,widgets/frontend}/**/__tests__/**/*.spec.{ts,tsx}'],
    setupFiles: ['labextension/src/__tests__/setup.ts'],
    restoreMocks: true,
    // A condition is waited for; a second of it is nothing on a busy machine.
    expect: { poll: { timeout: 10_000 } },
    testTimeout: 30_000,
    server: {
      deps: {
        // They come as modules that Node does not take without a bundler.
        inline: [/@jupyterlab/, /@jupyter\//, /@lumino/, /@codemirror/, /@rjsf/, /@microsoft/]
      }
    }
  }
});
