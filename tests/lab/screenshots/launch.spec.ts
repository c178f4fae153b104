import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from './gallery';

const SCRIPT = `import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.01)
parser.add_argument("--epochs", type=int, default=20)
args = parser.parse_args()
for epoch in range(args.epochs):
    print(f"{epoch=} loss={1 / (epoch + 1)}")
`;

test('the launch form, as it opens and with everything', async ({ lab, gallery }) => {
  writeFileSync(join(lab.server.notebooks, 'train.py'), SCRIPT);
  await lab.open();
  await lab.begin('trackside:launch', { path: 'train.py' });
  const dialog = lab.page.locator('.jp-Dialog-content');
  await expect(dialog).toContainText('train.py');
  await gallery.shoot('launch', dialog);

  await dialog.getByLabel('CPUs').fill('4096');
  await lab.page.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(dialog).toContainText('Ask for at most');
  await gallery.shoot('launch-refused', dialog);
});
