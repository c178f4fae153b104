/* TensorBoard's page has an origin of its own, and so none of the things that need a shared one.
   Given here: what it asks for without looking whether it is there. */
(() => {
  const storage = () => {
    const kept = new Map();
    return {
      getItem: key => kept.get(String(key)) ?? null,
      setItem: (key, value) => void kept.set(String(key), String(value)),
      removeItem: key => void kept.delete(String(key)),
      clear: () => kept.clear(),
      key: index => [...kept.keys()][index] ?? null,
      get length() {
        return kept.size;
      }
    };
  };
  for (const name of ['localStorage', 'sessionStorage']) {
    try {
      void window[name];
    } catch {
      Object.defineProperty(window, name, { value: storage(), configurable: true });
    }
  }
  if (window.origin !== 'null') {
    return;
  }
  Object.defineProperty(document, 'cookie', { get: () => '', set: () => {}, configurable: true });
  Object.defineProperty(XMLHttpRequest.prototype, 'withCredentials', {
    get: () => false,
    set: () => {}
  });
  // Workers are loaded from the same origin only; without it charts draw in the page itself.
  delete window.OffscreenCanvas;
  for (const name of ['pushState', 'replaceState']) {
    const change = history[name].bind(history);
    history[name] = (state, title, url) => {
      try {
        change(state, title, url);
      } catch {
        change(state, title);
      }
    };
  }
})();
