import AxeBuilder from '@axe-core/playwright';

import { expect, test } from '../fixtures';
import { LOAD } from '../notebooks';

const CELLS = [
  LOAD,
  `%%train --name slow --param lr=0.01 --wait
for step in range(5):
    print(f"step={step} loss={1 / (step + 1) - lr:.4f}")`,
  `%%train --name fast --param lr=0.1 --wait
for step in range(5):
    print(f"step={step} loss={1 / (step + 1) - lr:.4f}")
print("done")`,
  `import trackside as ts
ts.compare(["slow", "fast"])`
];

test.describe('Comparing runs', () => {
  test('goes from two cells to what differs, by mouse and by keyboard, live in a cell as well', async ({
    lab
  }) => {
    const { page } = lab;
    lab.server.notebook('compare.ipynb', CELLS);
    await lab.open();
    await lab.openNotebook('compare.ipynb');
    for (const index of [0, 1, 2, 3]) {
      await lab.runCell(index);
    }
    const output = lab.cell(3).locator('.jp-TracksideCompare');
    await expect(output).toContainText('lr 0.01 → 0.1', { timeout: 60_000 });
    await output.getByRole('button', { name: 'Open', exact: true }).click();

    const document = page.locator('.jp-TracksideDoc .jp-TracksideCompare');
    await expect(document.getByRole('heading', { level: 1 })).toContainText(
      'lr 0.01 → 0.1 and 1 other difference go with the better loss.'
    );
    const values = document.getByRole('table', { name: 'Params, metrics and tags' });
    await expect(values.getByRole('row', { name: 'lr 0.01 0.1' })).toBeVisible();
    await expect(values.getByRole('row', { name: /^loss .* the best$/ })).toBeVisible();

    // From here on with keys alone.
    await document.getByRole('tab', { name: 'Differences' }).focus();
    await page.keyboard.press('ArrowRight');
    await expect(document.locator('.uplot canvas').first()).toBeVisible();
    await page.keyboard.press('ArrowRight');
    const code = document.getByRole('region', { name: 'Code as executed: fast against slow' });
    await expect(code).toContainText('print("done")');
    const split = document.getByLabel('Side by side');
    await split.focus();
    await page.keyboard.press('Space');
    await expect(code.locator('.jp-mod-split')).toBeVisible();
    await document.getByRole('tab', { name: 'Code' }).focus();
    await page.keyboard.press('End');
    const slider = document.getByRole('slider', { name: 'Least lr' });
    await slider.focus();
    await page.keyboard.press('PageUp');
    await expect(document.getByText('1 of 2 runs lie within what is chosen.')).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(document.getByText('1 of 2 runs lie within')).toHaveCount(0);

    for (const theme of ['JupyterLab Light', 'JupyterLab Dark']) {
      await lab.execute('apputils:change-theme', { theme });
      await expect(page.locator('body')).toHaveAttribute('data-jp-theme-name', theme);
      for (const tab of ['Differences', 'Curves', 'Code', 'Environment', 'Plots']) {
        await document.getByRole('tab', { name: tab }).click();
        await expect(document.getByRole('tabpanel')).toBeVisible();
        const scan = new AxeBuilder({ page }).include('.jp-TracksideDoc .jp-TracksideCompare');
        expect((await scan.analyze()).violations).toEqual([]);
      }
    }

    await document.locator('circle[role="button"]').last().focus();
    await page.keyboard.press('Enter');
    await expect(page.locator('.jp-TracksideRun').getByRole('heading', { level: 1 })).toHaveText(
      'fast'
    );
  });

  test('begins with one run and a picker, loses a run that is deleted for ever, and comes back after a reload', async ({
    lab
  }) => {
    const { page, server } = lab;
    const mlflow = (path: string, body: unknown) =>
      server.request(`trackside/api/2.0/mlflow/${path}`, 'POST', body);
    const { experiment_id } = await mlflow('experiments/create', { name: 'picked' });
    const ids: string[] = [];
    for (const name of ['ant', 'bee', 'cat']) {
      // When it began takes more words of an old one.
      const start_time = name === 'cat' ? Date.UTC(2020, 0, 5) : Date.now();
      const { run } = await mlflow('runs/create', { experiment_id, run_name: name, start_time });
      const { run_id } = run.info;
      await mlflow('runs/log-parameter', { run_id, key: 'animal', value: name });
      ids.push(run_id);
      await mlflow('runs/log-parameter', { run_id, key: 'weight', value: `${ids.length}` });
    }
    await mlflow('runs/update', { run_id: ids[0], status: 'FAILED' });
    await lab.open();
    const panel = await lab.openPanel();
    // Those that are selected, where the menu is opened on one of them.
    for (const name of [/^ant,/, /^bee,/]) {
      await panel.getByRole('row', { name }).click({ modifiers: ['ControlOrMeta'] });
    }
    const bar = panel.getByRole('group', { name: 'Selection' });
    const height = await bar.evaluate(one => {
      one.style.width = '200px';
      return one.getBoundingClientRect().height;
    });
    expect(height, 'a narrow panel has all in one line').toBeLessThan(36);
    await panel.getByRole('row', { name: /^bee,/ }).click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Compare Runs', exact: true }).click();
    await expect(page.getByRole('row', { name: 'animal ant bee' })).toBeVisible();
    await lab.execute('application:close-all');
    await panel.getByRole('button', { name: 'Clear the selection' }).click();

    await panel.getByRole('row', { name: /^ant,/ }).click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Compare Runs…' }).click();
    const picker = page.getByRole('dialog');
    await expect(picker.getByRole('checkbox', { name: 'ant' })).toBeChecked();
    await expect(picker.getByRole('checkbox', { name: 'cat' })).toBeVisible();
    const columns = await picker
      .locator('time')
      .evaluateAll(times => times.map(time => time.getBoundingClientRect().left));
    expect(new Set(columns).size).toBe(1);
    const ok = picker.getByRole('button', { name: 'Compare' });
    await expect(ok).toBeDisabled();
    await picker.getByRole('checkbox', { name: 'bee' }).check();
    await expect(ok).toBeEnabled();
    await picker.getByRole('checkbox', { name: 'bee' }).uncheck();
    await expect(ok).toBeDisabled();
    await picker.getByRole('searchbox').fill('be');
    await expect(ok).toBeDisabled();
    await picker.getByRole('checkbox', { name: 'bee' }).check();
    await picker.getByRole('searchbox').fill('ca');
    await picker.getByRole('checkbox', { name: 'cat' }).check();
    await ok.click();

    const document = page.locator('.jp-TracksideCompare');
    const runs = document.getByRole('list', { name: 'Compared runs' });
    await expect(document.getByRole('row', { name: 'animal ant bee cat' })).toBeVisible();
    await runs.getByRole('button', { name: 'What to do with cat' }).click();
    await page.getByRole('menuitem', { name: 'Move left' }).click();
    await expect(document.getByRole('row', { name: 'animal ant cat bee' })).toBeVisible();
    await document.getByRole('tab', { name: 'Environment' }).click();
    await expect(document).toContainText('It is kept of what runs as a job');

    await document.getByRole('tab', { name: 'Plots' }).click();
    await document.getByRole('combobox', { name: 'Colour by' }).selectOption('run');
    await document.getByRole('slider', { name: 'Least weight' }).press('PageUp');
    await expect(document).toContainText('2 of 3 runs lie within what is chosen.');

    await server.request('trackside/api/v1/trash/delete', 'POST', {
      run_ids: [ids[2]],
      force: true
    });
    // The workspace is saved after a pause; the reload must find the comparison there.
    const workspaces = async (): Promise<string> =>
      JSON.stringify(await server.request('lab/api/workspaces'));
    const saved = async (): Promise<number> =>
      (await workspaces()).split('trackside-compare:').length;
    // Once for what it shows, and twice for its place: among the widgets, and in front.
    await expect.poll(saved).toBeGreaterThan(3);
    await expect.poll(workspaces).toContain('brushes');
    await lab.reload();
    await expect(document.getByRole('alert')).toContainText(ids[2]);
    await document.getByRole('button', { name: 'Compare the others' }).click();
    await expect(document).toContainText('1 of 2 runs lie within what is chosen.');
    await expect(document.getByRole('combobox', { name: 'Colour by' })).toHaveValue('run');
    await expect(runs.getByRole('listitem').filter({ hasText: /ant|bee|cat/ })).toHaveCount(2);
  });
});
