import { copyFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import type { Locator } from '@playwright/test';

import { expect, type Lab, test } from '../fixtures';

const OUT = resolve(__dirname, '../../../docs/_static/screenshots');
const DEMO = resolve(__dirname, '../../../binder/demo.ipynb');

test.use({ viewport: { width: 1440, height: 1000 }, deviceScaleFactor: 1.5 });

const SWEEP = `import trackside as ts

def train(lr, epochs=12):
    X_train, X_test, y_train, y_test = load_split()
    model = MLPClassifier((32,), solver="sgd", learning_rate_init=lr, random_state=0)
    for epoch in range(1, epochs + 1):
        model.partial_fit(X_train, y_train, classes=range(10))
        loss = log_loss(y_test, model.predict_proba(X_test))
        print(f"epoch={epoch} loss={loss:.4f} accuracy={model.score(X_test, y_test):.3f}")

for lr in (0.003, 0.01, 0.03):
    ts.submit(train, params={"lr": lr}, experiment="digits").wait(progress=False)`;

const FAILING =
  '%%train --experiment digits --param hidden=0\nX_train, *_ = load_split()\nlayers = [64, hidden, 10]\nprint("width:", 64 // hidden)';

const LONG = (
  seconds: number
) => `%%train --experiment digits --param lr=0.02 --param epochs=60 --name watched-${seconds}
import time
X_train, X_test, y_train, y_test = load_split()
model = MLPClassifier((32,), solver="sgd", learning_rate_init=lr, batch_size=64, random_state=0)
for epoch in range(1, epochs + 1):
    model.partial_fit(X_train, y_train, classes=range(10))
    loss = log_loss(y_test, model.predict_proba(X_test))
    accuracy = model.score(X_test, y_test)
    print(f"epoch={epoch} loss={loss:.4f} accuracy={accuracy:.3f}")
    time.sleep(0.4)`;

for (const [name, theme] of [
  ['light', 'JupyterLab Light'],
  ['dark', 'JupyterLab Dark']
]) {
  test(`screenshots of the README, ${name}`, async ({ lab }) => {
    test.setTimeout(400_000);
    copyFileSync(DEMO, join(lab.server.notebooks, 'demo.ipynb'));
    lab.server.notebook('digits.ipynb', [
      ...(await demoHelpers(lab)),
      SWEEP,
      LONG(name.length),
      FAILING
    ]);
    await lab.open();
    await lab.execute('apputils:change-theme', { theme });
    await lab.openNotebook('digits.ipynb');
    const panel = await lab.openPanel();
    for (const index of [0, 1, 2, 3, 4]) {
      await lab.runCell(index);
    }
    await lab.kernelIdle();
    const watched = lab.cell(3).locator('.jp-TracksideCard');
    await expect(watched).toContainText('accuracy', { timeout: 60_000 });
    const failed = lab.cell(4).locator('.jp-TracksideCard');
    await expect(failed).toHaveAttribute('data-state', 'FAILED', { timeout: 60_000 });
    await expect(watched).toContainText(/epoch 2\d of 60/, { timeout: 90_000 });
    await failed.scrollIntoViewIfNeeded();
    await lab.page.mouse.move(0, 0);
    await shoot(lab, `lab-${name}.png`);
    await shootCells(lab, [watched, failed], `cells-${name}.png`);
    await panel.screenshot({ path: join(OUT, `panel-${name}.png`) });

    await panel
      .getByRole('row', { name: new RegExp(`^watched-${name.length}, running`, 'i') })
      .dblclick();
    const document = lab.page.locator('.jp-TracksideRun');
    await document.getByRole('tab', { name: 'Charts' }).click();
    await expect(document.locator('.uplot canvas').first()).toBeVisible();
    await expect(
      panel.getByRole('row', { name: new RegExp(`^watched-${name.length}, succeeded`, 'i') })
    ).toBeVisible({
      timeout: 90_000
    });
    await document.screenshot({ path: join(OUT, `run-${name}.png`) });
  });
}

/** The cells of the demo that load the magics and define what the trainings share. */
async function demoHelpers(lab: Lab): Promise<string[]> {
  const demo = await lab.server.request('api/contents/demo.ipynb');
  const sources: string[] = demo.content.cells
    .filter((cell: { cell_type: string }) => cell.cell_type === 'code')
    .map((cell: { source: string }) => cell.source);
  return sources.filter(source => /^%load_ext|def load_split/m.test(source)).slice(0, 2);
}

async function shoot(lab: Lab, name: string): Promise<void> {
  await lab.page.screenshot({ path: join(OUT, name) });
}

/** One picture that holds two cell outputs and what is between them. */
async function shootCells(lab: Lab, outputs: Locator[], name: string): Promise<void> {
  const boxes = await Promise.all(outputs.map(async output => (await output.boundingBox())!));
  const left = Math.min(...boxes.map(box => box.x)) - 8;
  const top = Math.min(...boxes.map(box => box.y)) - 8;
  const right = Math.max(...boxes.map(box => box.x + box.width)) + 8;
  const bottom = Math.max(...boxes.map(box => box.y + box.height)) + 8;
  await lab.page.screenshot({
    path: join(OUT, name),
    clip: { x: left, y: top, width: right - left, height: bottom - top }
  });
}
