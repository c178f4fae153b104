// What browsers have and jsdom has not, as far as JupyterLab's modules touch it when they load.

import { ReadableStream } from 'node:stream/web';
import { vi } from 'vitest';

class Observer {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}

class Drag extends MouseEvent {
  readonly dataTransfer = null;
}

const shims: Record<string, unknown> = {
  DragEvent: Drag,
  IntersectionObserver: Observer,
  ReadableStream,
  ResizeObserver: Observer,
  matchMedia: () => ({ matches: false, addEventListener: () => {}, removeEventListener: () => {} }),
  CSS: { escape: (text: string) => text, supports: () => false },
  requestIdleCallback: (task: () => void) => setTimeout(task, 0)
};

for (const [name, shim] of Object.entries(shims)) {
  for (const scope of [globalThis, window]) {
    if (Reflect.get(scope, name) === undefined) {
      Object.defineProperty(scope, name, { value: shim, configurable: true, writable: true });
    }
  }
}

// A second is nothing on a busy machine: a condition is waited for as long as `expect.poll` waits.
const { waitFor } = vi;
vi.waitFor = (condition, options) =>
  waitFor(condition, typeof options === 'number' ? options : { timeout: 10_000, ...options });
