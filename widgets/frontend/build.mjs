// Bundles the widgets: one module and one style sheet each, without source maps and without paths of
// the machine that built them.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { build, transform } from 'esbuild';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, '../..');
const target = path.join(root, 'widgets/trackside/static');
const styles = ['card.css', 'logs.css'].map(name => path.join(root, 'labextension/style', name));

await mkdir(target, { recursive: true });
await build({
  absWorkingDir: root,
  // Each widget travels with its code, so a tenth of React's size matters.
  alias: {
    react: 'preact/compat',
    'react-dom/client': 'preact/compat/client'
  },
  entryPoints: ['widgets/frontend/job.ts'],
  outdir: target,
  banner: { js: '/*! Contains Preact, (c) Jason Miller and contributors, MIT License. */' },
  bundle: true,
  define: { 'process.env.NODE_ENV': '"production"' },
  format: 'esm',
  jsx: 'transform',
  legalComments: 'eof',
  logLevel: 'warning',
  minify: true,
  target: 'es2022'
});

const sheets = await Promise.all(styles.map(file => readFile(file, 'utf8')));
const { code } = await transform(sheets.join('\n'), { loader: 'css', minify: true });
await writeFile(path.join(target, 'job.css'), code);
