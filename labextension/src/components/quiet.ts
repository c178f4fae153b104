import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';

/** Attributes that load something as soon as they are in the page. */
const LOADING = ['src', 'srcset', 'poster', 'background', 'data', 'href', 'xlink:href'];
/** What would send what is typed into it, or do something when it is clicked. */
const ACTING = 'form, button, select, textarea';
/** Classes of JupyterLab, whose dialogs and menus lie over everything else. */
const FOREIGN_CLASS = /^(?!jp-RenderedMermaid)(jp|lm|p)-/;
/** What comes along with the text itself. */
const INLINE = /^\s*(data|blob):/i;

/**
 * Takes out of sanitised HTML what runs nothing and yet does something: it asks other servers,
 * which then know who looked and when; it lies over the rest of the page; it runs a command of
 * JupyterLab at a click.
 */
export function quiet(html: string): string {
  // A document of its own, in which nothing is loaded.
  const { body } = new DOMParser().parseFromString(html, 'text/html');
  for (const node of Array.from(body.querySelectorAll('*'))) {
    calm(node);
  }
  return body.innerHTML;
}

function calm(node: Element): void {
  if (node.matches(ACTING)) {
    node.replaceWith(...Array.from(node.childNodes));
    return;
  }
  const source = node.getAttribute('src');
  if (node.matches('img') && source && !INLINE.test(source)) {
    node.replaceWith(linkTo(source, node.getAttribute('alt'), node.ownerDocument));
    return;
  }
  for (const { name, value } of Array.from(node.attributes)) {
    const isLoading = LOADING.includes(name) && !node.matches('a, area') && !INLINE.test(value);
    if (isLoading || name.startsWith('data-commandlinker')) {
      node.removeAttribute(name);
    }
  }
  for (const name of Array.from(node.classList)) {
    if (FOREIGN_CLASS.test(name)) {
      node.classList.remove(name);
    }
  }
  const { style } = node as HTMLElement;
  for (const name of style ? Array.from(style) : []) {
    if (
      /^(position|z-index)$/.test(name) ||
      /url\(|image-set\(/i.test(style.getPropertyValue(name))
    ) {
      style.removeProperty(name);
    }
  }
}

/** A picture from elsewhere, to be asked for by whoever wants to see it. */
function linkTo(source: string, text: string | null, page: Document): Element {
  const link = page.createElement('a');
  // Other schemes were taken out before.
  if (/^https?:/i.test(source)) {
    link.href = source;
    link.rel = 'noopener noreferrer';
    link.target = '_blank';
  }
  link.textContent = text || source;
  return link;
}

class QuietSanitizer implements IRenderMime.ISanitizer {
  constructor(private readonly inner: IRenderMime.ISanitizer) {}

  readonly allowCommandLinker = false;

  get allowNamedProperties(): boolean | undefined {
    return this.inner.allowNamedProperties;
  }

  getAutolink(): boolean {
    return this.inner.getAutolink?.() ?? true;
  }

  sanitize(dirty: string, options?: IRenderMime.ISanitizerOptions): string {
    return quiet(this.inner.sanitize(dirty, options));
  }
}

const quieted = new WeakMap<IRenderMimeRegistry, IRenderMimeRegistry>();

/** The same renderers, for texts that anybody may have written. */
export function quietly(rendermime: IRenderMimeRegistry): IRenderMimeRegistry {
  let found = quieted.get(rendermime);
  if (!found) {
    found = rendermime.clone({ sanitizer: new QuietSanitizer(rendermime.sanitizer) });
    quieted.set(rendermime, found);
  }
  return found;
}
