import { LOAD } from '../notebooks';
import { expect, test } from './gallery';
import { EXPERIMENT } from './ground/sweep';

test.use({ viewport: { width: 1280, height: 1500 } });

test('views in cells: runs of an experiment, some runs, one run', async ({
  lab,
  gallery,
  ground
}) => {
  const shown = ground.runs.slice(-4).map(id => JSON.stringify(id));
  lab.server.notebook('views.ipynb', [
    `${LOAD}\nimport trackside as ts`,
    `%runs ${EXPERIMENT}`,
    `ts.show(${shown[3]})`,
    `ts.compare([${shown.join(', ')}])`
  ]);
  await lab.open();
  await lab.openNotebook('views.ipynb');
  for (const index of [0, 1, 2, 3]) {
    await lab.runCell(index);
  }
  const output = (index: number) => lab.cell(index).locator('.jp-OutputArea-output').first();
  await expect(output(1).locator('[data-trackside-run]').first()).toBeVisible();
  await expect(output(2)).toContainText('digits-40');
  await lab.kernelIdle();
  await gallery.shoot('output-experiment', output(1));
  await gallery.shoot('output-run', output(2));
  await gallery.shoot('output-compare', output(3));
});
