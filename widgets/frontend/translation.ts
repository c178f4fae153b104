import { english, fill, type ITrans } from '../../labextension/src/shared/trans';

/** A catalogue as the Jupyter server gives it: for each message its translations, one a plural form. */
type Catalogue = { '': { plural_forms: string } } & Record<string, readonly string[]>;

/** What a page of Jupyter says of itself. */
interface IPageConfig {
  fullTranslationsApiUrl?: string;
}

// Each view comes with a copy of this module, so what they share lies beside them, on the page.
const KEY = Symbol.for('trackside.translator');
const page = globalThis as { [KEY]?: Promise<ITrans> };

/** The translator of the page's language, asked for once; English wherever there is none. */
export function translator(): Promise<ITrans> {
  return (page[KEY] ??= load().catch(() => english));
}

async function load(): Promise<ITrans> {
  const config = document.getElementById('jupyter-config-data')?.textContent ?? '{}';
  const { fullTranslationsApiUrl: url } = JSON.parse(config) as IPageConfig;
  // JupyterLab writes the locale `de_DE` of the server as the language `de-DE`.
  const locale = document.documentElement.lang.replace('-', '_');
  if (!url || !locale || locale === 'en') {
    return english;
  }
  const response = await fetch(`${url.replace(/\/+$/, '')}/${encodeURIComponent(locale)}`);
  const { data } = (await response.json()) as { data: Record<string, Catalogue> };
  return translated(data.trackside);
}

/** The words of a catalogue, and those of the source where it has none. */
function translated(catalogue: Catalogue): ITrans {
  const formOf = pluralRule(catalogue[''].plural_forms);
  return {
    __: (message, ...args) => {
      const forms = catalogue[message];
      return forms?.length === 1 ? fill(forms[0], args) : english.__(message, ...args);
    },
    _n: (singular, plural, count, ...args) => {
      const forms = catalogue[singular];
      return forms?.length > 1
        ? fill(forms[formOf(count)] ?? forms[0], [count, ...args])
        : english._n(singular, plural, count, ...args);
    }
  };
}

/** Arithmetic in `n` and nothing else, which JupyterLab holds it to as well before it computes with it. */
const PLURAL_FORMS = /^\s*nplurals\s*=\s*\d+\s*;\s*plural\s*=[\s\-?|&=!<>+*/%:n0-9()]+;?\s*$/;

function pluralRule(forms: string): (count: number) => number {
  if (!PLURAL_FORMS.test(forms)) {
    throw new Error(`These are no plural forms: ${forms}`);
  }
  const compute = new Function('n', `let nplurals, plural; ${forms}; return plural;`);
  return count => Number(compute(count));
}
