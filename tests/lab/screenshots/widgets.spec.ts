import { Lab } from '../fixtures';
import { logModels } from '../models';
import { JupyterProcess } from '../server';
import { expect, Gallery, test } from './gallery';
import { EXPERIMENT, logSweep, register } from './ground/sweep';

// A notebook draws only the cells in view.
test.use({ viewport: { width: 1280, height: 1800 } });

const MODEL = 'cells-clf';

test('widgets: runs, one run, a comparison, a model', async ({ lab, gallery, ground }) => {
  await register(lab.server, MODEL, await logModels(lab.server, 'digits-models', [0.4, 0.3]));
  const [first, second] = ground.runs.slice(-2).map(id => JSON.stringify(id));
  lab.server.notebook('widgets.ipynb', [
    `import trackside as ts\nts.RunsWidget(experiment="${EXPERIMENT}")`,
    `ts.RunWidget(${first})`,
    `ts.CompareWidget([${first}, ${second}])`,
    `ts.ModelWidget("${MODEL}")`
  ]);
  await lab.open();
  await lab.openNotebook('widgets.ipynb');
  for (const [index, name] of ['runs', 'run', 'compare', 'model'].entries()) {
    await lab.runCell(index);
    await lab.kernelIdle();
    const output = lab.cell(index).locator('.jp-OutputArea-output').first();
    await expect(
      output.locator('.jp-TracksideCard, [class*="jp-Trackside"]').first()
    ).toBeVisible();
    await gallery.shoot(`widget-${name}`, output);
  }
});

test('static pictures, where the extension of JupyterLab is not there', async ({ page }) => {
  const server = new JupyterProcess({ disabled: ['trackside'] });
  await server.start();
  try {
    const runs = await logSweep(server);
    await register(server, MODEL, await logModels(server, 'digits-models', [0.4, 0.3]));
    const shown = runs.slice(-3).map(id => JSON.stringify(id));
    server.notebook('static.ipynb', [
      `import trackside as ts\nts.show(ts.experiment("${EXPERIMENT}"))`,
      `ts.show(${shown[0]})`,
      `ts.compare([${shown.join(', ')}])`,
      `ts.show(ts.model("${MODEL}"))`
    ]);
    const lab = new Lab(page, server);
    const gallery = new Gallery(lab);
    await lab.open();
    await lab.openNotebook('static.ipynb');
    for (const [index, name] of ['experiment', 'run', 'compare', 'model'].entries()) {
      await lab.runCell(index);
      await lab.kernelIdle();
      await gallery.shoot(
        `static-${name}`,
        lab.cell(index).locator('.jp-OutputArea-output').first()
      );
    }
  } finally {
    await server.dispose();
  }
});
