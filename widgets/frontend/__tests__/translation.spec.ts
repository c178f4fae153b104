import { afterEach, expect, it, vi } from 'vitest';

const POLISH =
  'nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);';

/** A page of Jupyter, whose server answers with these plural forms. */
function open(language: string, plural_forms: string) {
  const config = JSON.stringify({ fullTranslationsApiUrl: '/prefix/lab/api/translations/' });
  document.documentElement.lang = language;
  document.body.innerHTML = `<script id="jupyter-config-data" type="application/json">${config}</script>`;
  const trackside = {
    '': { plural_forms },
    Filter: ['Filtr'],
    '%1 run': ['%1 bieg', '%1 biegi', '%1 biegów'],
    'Runs of %1': ['Biegi z %1']
  };
  const ask = vi.fn(async (_: string) => Response.json({ data: { trackside } }));
  vi.stubGlobal('fetch', ask);
  return ask;
}

/** The translator as a view sees it, each of which brings a copy of the module. */
async function translatorOfView() {
  vi.resetModules();
  return (await import('../translation')).translator();
}

afterEach(() => {
  vi.unstubAllGlobals();
  Reflect.deleteProperty(globalThis, Symbol.for('trackside.translator'));
  document.documentElement.lang = '';
  document.body.innerHTML = '';
});

it('The views of a page ask once for its language, and count as it does', async () => {
  const ask = open('pl-PL', POLISH);
  const [trans, other] = await Promise.all([translatorOfView(), translatorOfView()]);
  expect(other).toBe(trans);
  expect(ask.mock.calls).toEqual([['/prefix/lab/api/translations/pl_PL']]);
  expect(trans.__('Runs of %1', 'x')).toBe('Biegi z x');
  expect([1, 22, 12].map(count => trans._n('%1 run', '%1 runs', count))).toEqual([
    '1 bieg',
    '22 biegi',
    '12 biegów'
  ]);
  expect(trans.__('Refresh')).toBe('Refresh');
  expect(trans._n('%1 row', '%1 rows', 2)).toBe('2 rows');
});

it.each([
  ['in English', 'en', POLISH],
  ['whose server sends more than arithmetic', 'pl-PL', 'nplurals=1; plural=alert(n);']
])('A page %s stays English', async (_, language, forms) => {
  const ask = open(language, forms);
  const trans = await translatorOfView();
  expect(trans.__('Filter')).toBe('Filter');
  expect(ask).toHaveBeenCalledTimes(language === 'en' ? 0 : 1);
});

it('Views outside Jupyter, and where the server does not answer, stay English', async () => {
  expect((await translatorOfView()).__('Filter')).toBe('Filter');
  Reflect.deleteProperty(globalThis, Symbol.for('trackside.translator'));
  open('pl-PL', POLISH).mockRejectedValue(new TypeError('Failed to fetch'));
  expect((await translatorOfView()).__('Filter')).toBe('Filter');
});
