import { rmSync } from 'node:fs';

import { expect, Lab, test } from '../fixtures';
import { chooseLanguage, CONTEXT, makeLanguagePack } from '../languagepack';
import { logRuns } from '../runs';
import { JupyterProcess } from '../server';

test('a language pack translates menus, documents, widgets and settings', async ({ page }) => {
  const pack = makeLanguagePack('de_DE', {
    'Compare Runs…': ['Läufe vergleichen…'],
    'No code was kept of %1; it is kept of what runs as a job.': [
      'Von %1 wurde kein Code aufgehoben; das geschieht bei Jobs.'
    ],
    'Runs of %1': ['Läufe von %1'],
    '%2 run': ['%2 Lauf', '%2 Läufe'],
    [`settings${CONTEXT}Long means, in seconds`]: ['Lang heißt, in Sekunden']
  });
  const server = new JupyterProcess({ env: { PYTHONPATH: pack } });
  try {
    chooseLanguage(server, 'de_DE');
    await server.start();
    const lab = new Lab(page, server);
    const run_ids = await logRuns(server, 'Sprache', [
      { name: 'eins', loss: 0.1, lr: '0.1' },
      { name: 'zwei', loss: 0.9, lr: '1' }
    ]);
    const widget = 'import trackside as ts\nts.RunsWidget(experiment="Sprache")';
    server.notebook('sprache.ipynb', [widget, widget]);
    const asked: string[] = [];
    page.on('request', request => asked.push(request.url()));
    await lab.open();
    await lab.openNotebook('sprache.ipynb');
    await lab.runCell(0);
    await lab.runCell(1);
    for (const index of [0, 1]) {
      const view = lab.cell(index).getByRole('region', { name: 'Läufe von Sprache' });
      await expect(view).toContainText('2 Läufe');
      // What the pack lacks stays English.
      await expect(view.getByRole('button', { name: 'Refresh' })).toBeVisible();
    }
    // Once for JupyterLab, and once for all widgets.
    expect(asked.filter(url => url.includes('api/translations/de_DE'))).toHaveLength(2);

    await lab.execute('trackside:compare-runs', { run_ids });
    const comparison = page.locator('.jp-TracksideDoc .jp-TracksideCompare');
    await expect(comparison).toContainText('Von eins, zwei wurde kein Code aufgehoben');

    const panel = await lab.openPanel();
    await panel.getByRole('row', { name: /^zwei,/ }).click({ button: 'right' });
    await expect(page.getByRole('menuitem', { name: 'Läufe vergleichen…' })).toBeVisible();

    const { schema } = await server.request('lab/api/settings/trackside:plugin');
    expect(schema.properties.notifyAfter.title).toBe('Lang heißt, in Sekunden');
  } finally {
    await server.dispose();
    rmSync(pack, { recursive: true });
  }
});
