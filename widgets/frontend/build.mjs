// Bundles the widgets: one module and one style sheet each, without source maps and without paths of
// the machine that built them.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { build, transform } from 'esbuild';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, '../..');
const target = path.join(root, 'widgets/trackside/static');
const style = name => path.join(root, 'labextension/style', name);

/** The widgets, and the style sheets. */
const widgets = ['compare', 'job', 'model', 'run', 'runs'];
const styles = {
  job: [style('card.css'), style('logs.css')],
  views: [style('card.css'), style('cells.css')],
  charts: [
    path.join(root, 'node_modules/uplot/dist/uPlot.min.css'),
    style('card.css'),
    style('cells.css'),
    style('chart.css')
  ]
};

await mkdir(target, { recursive: true });
await build({
  absWorkingDir: root,
  // Each widget travels with its code, so a tenth of React's size matters.
  alias: {
    react: 'preact/compat',
    'react-dom/client': 'preact/compat/client'
  },
  entryPoints: widgets.map(name => `widgets/frontend/${name}.tsx`),
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

for (const [name, files] of Object.entries(styles)) {
  const sheets = await Promise.all(files.map(file => readFile(file, 'utf8')));
  // What one sheet imports stands in front of it here.
  const whole = sheets.join('\n').replace(/^@import .*$/gm, '');
  const { code } = await transform(whole, { loader: 'css', minify: true });
  await writeFile(path.join(target, `${name}.css`), code);
}
