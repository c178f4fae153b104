import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { JupyterProcess } from './server';

/** The words of a language: for each message its translations, one a plural form. */
export type Words = Record<string, string[]>;

/** What stands between the context of a message and the message. */
export const CONTEXT = '\u0004';

/**
 * Make a language pack for Trackside, as a package of Python in a folder of its own.
 *
 * The page reads its words as JSON, and the server those of the settings as a catalogue of gettext.
 */
export function makeLanguagePack(locale: string, words: Words): string {
  const folder = mkdtempSync(join(tmpdir(), 'trackside-language-'));
  const name = `jupyterlab_language_pack_${locale}`;
  const catalogues = join(folder, name, 'locale', locale, 'LC_MESSAGES');
  const info = join(folder, `${name}-1.0.dist-info`);
  mkdirSync(catalogues, { recursive: true });
  mkdirSync(info);
  writeFileSync(join(folder, name, '__init__.py'), '');
  writeFileSync(join(info, 'METADATA'), `Metadata-Version: 2.1\nName: ${name}\nVersion: 1.0\n`);
  writeFileSync(join(info, 'entry_points.txt'), `[jupyterlab.languagepack]\n${locale} = ${name}\n`);
  const head = {
    domain: 'trackside',
    language: locale.replace('_', '-'),
    plural_forms: 'nplurals=2; plural=(n != 1);'
  };
  writeFileSync(join(catalogues, 'trackside.json'), JSON.stringify({ '': head, ...words }));
  writeFileSync(join(catalogues, 'trackside.mo'), catalogue(words));
  return folder;
}

/** Make a language the one of a server's user. */
export function chooseLanguage(server: JupyterProcess, locale: string): void {
  const folder = '.jupyter/lab/user-settings/@jupyterlab/translation-extension';
  mkdirSync(join(server.home, folder), { recursive: true });
  writeFileSync(
    join(server.home, folder, 'plugin.jupyterlab-settings'),
    JSON.stringify({ locale })
  );
}

/** The format of gettext's compiled catalogues: two tables of lengths and places, and the texts. */
function catalogue(words: Words): Buffer {
  const head: [string, string[]] = ['', ['Content-Type: text/plain; charset=UTF-8\n']];
  const entries = [head, ...Object.entries(words).sort(([a], [b]) => (a < b ? -1 : 1))];
  const texts = [
    ...entries.map(([message]) => message),
    ...entries.map(([, forms]) => forms.join('\0'))
  ].map(text => Buffer.from(`${text}\0`));
  const tables = 28;
  const middle = tables + 8 * entries.length;
  let place = tables + 8 * texts.length;
  const numbers = [0x950412de, 0, entries.length, tables, middle, 0, place];
  for (const text of texts) {
    numbers.push(text.length - 1, place);
    place += text.length;
  }
  return Buffer.concat([Buffer.from(new Uint32Array(numbers).buffer), ...texts]);
}
