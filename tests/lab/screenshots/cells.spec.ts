import { Lab } from '../fixtures';
import { LOAD } from '../notebooks';
import { JupyterProcess } from '../server';
import { expect, Gallery, test } from './gallery';

const EPOCHS = `import time

def train(epochs, pause=0.02):
    loss = 1.6
    for epoch in range(1, epochs + 1):
        loss = 0.12 + 0.86 * (loss - 0.12)
        print(f"epoch={epoch} loss={loss:.4f} accuracy={1 - loss / 2:.3f}", flush=True)
        time.sleep(pause)`;

const CELLS: Readonly<Record<string, string>> = {
  succeeded:
    '%%train --name digits-1 --experiment digits --param lr=0.03 --param epochs=40\ntrain(epochs)',
  failed:
    '%%train --name digits-2 --experiment digits --param hidden=0\nprint("loss=1.6")\nwidth = 64 // hidden',
  running: '%%train --name digits-3 --experiment digits --param epochs=60\ntrain(epochs, pause=1)',
  canceled: '%%train --name digits-4 --experiment digits --param epochs=60\ntrain(epochs, pause=3)',
  queued: '%%train --name digits-5 --experiment digits --param epochs=60\ntrain(epochs, pause=0.5)'
};

// A notebook draws only the cells in view.
test.use({ viewport: { width: 1280, height: 1500 } });

test('job cards in each state, the panel with jobs, and what a log looks like', async ({
  page
}) => {
  const server = new JupyterProcess({ args: ['--Trackside.max_jobs=2'] });
  await server.start();
  try {
    server.notebook('digits.ipynb', [LOAD, EPOCHS, ...Object.values(CELLS)]);
    const lab = new Lab(page, server);
    const gallery = new Gallery(lab);
    await lab.open();
    await lab.openNotebook('digits.ipynb');
    const panel = await lab.openPanel();
    await lab.runCell(0);
    await lab.runCell(1);
    const names = Object.keys(CELLS);
    const card = (name: string) => lab.cell(2 + names.indexOf(name)).locator('.jp-TracksideCard');
    const reaches = (name: string, state: string) =>
      expect(card(name)).toHaveAttribute('data-state', state, { timeout: 30_000 });
    for (const name of ['succeeded', 'failed']) {
      await lab.runCell(2 + names.indexOf(name));
      await reaches(name, name.toUpperCase());
    }
    for (const name of ['running', 'canceled', 'queued']) {
      await lab.runCell(2 + names.indexOf(name));
    }
    await reaches('queued', 'QUEUED');
    await expect(card('running')).toContainText(/epoch ([4-9]|\d\d) of 60/);
    await gallery.panelWidth(380);
    for (const name of ['running', 'queued', 'succeeded', 'failed']) {
      await gallery.shoot(`card-${name}`, card(name));
    }
    await gallery.shoot('panel-jobs', panel);
    await card('canceled').getByRole('button', { name: 'Stop' }).click();
    await reaches('canceled', 'CANCELED');
    await gallery.shoot('card-canceled', card('canceled'));

    await page.setViewportSize({ width: 1280, height: 860 });
    await panel.getByRole('row', { name: /^digits-2, failed/i }).dblclick();
    const view = page.locator('.jp-TracksideRun');
    await expect(view.getByRole('tab', { name: 'Logs' })).toBeVisible();
    await gallery.shoot('run-failed', view);
    await view.getByRole('tab', { name: 'Logs' }).click();
    await expect(view).toContainText('ZeroDivisionError');
    await gallery.shoot('run-logs', view);
    await view.getByRole('tab', { name: 'Code' }).click();
    await expect(view).toContainText('hidden');
    await gallery.shoot('run-code', view);

    const { jobs } = await server.request('trackside/api/v1/jobs');
    const run_ids = ['digits-1', 'digits-2'].map(
      name => jobs.find((job: { name: string }) => job.name === name).run_id
    );
    await lab.execute('application:toggle-left-area');
    await lab.execute('trackside:compare-runs', { run_ids });
    const comparison = page.locator('.jp-TracksideCompare');
    await comparison.getByRole('tab', { name: 'Code' }).click();
    await expect(comparison).toContainText('width');
    await gallery.shoot('compare-code', comparison);
  } finally {
    await server.dispose();
  }
});
