import AxeBuilder from '@axe-core/playwright';

import { expect, Lab, test } from '../fixtures';
import { MlflowProcess } from '../mlflow';
import { logModels, registerModels } from '../models';
import { JupyterProcess } from '../server';

const HOSTILE = `<img src=x onerror="window.hacked=1">'"`;

test.describe('Models', () => {
  test('a model of a run is registered, promoted by drag and by keyboard with a reason, and taken back', async ({
    lab
  }) => {
    const { page } = lab;
    const [first, second] = await logModels(lab.server, 'digits', [0.4, 0.2]);
    await lab.open();
    const panel = await lab.openPanel();
    await expect(panel.getByText('No models yet.', { exact: false })).toBeVisible();

    // From the menu of a run, under a new name.
    await panel.getByRole('row', { name: /^digits-1,/ }).click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Register Model…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('digits-clf');
    await expect(dialog.getByLabel('Model of the run')).toHaveValue(/\/model$/);
    await dialog.getByRole('button', { name: 'Register' }).click();
    const document = page.locator('.jp-TracksideModel');
    await expect(document.getByRole('heading', { name: 'digits-clf' })).toBeVisible();

    // And another version, straight into staging.
    await lab.begin('trackside:register-model', { run: second });
    await dialog.getByLabel('Name').fill('digits-clf');
    await expect(dialog.getByText('The next version of digits-clf.')).toBeVisible();
    await dialog.getByLabel('Stage').selectOption('Staging');
    await dialog.getByLabel('Reason').fill('half the loss');
    await lab.scan('.jp-Dialog');
    await dialog.getByRole('button', { name: 'Register' }).click();
    const column = (name: string) =>
      document.getByRole('group', { name: new RegExp(`^${name}, `) });
    const card = (version: number) =>
      document.getByRole('group', { name: new RegExp(`^Version ${version}, `) });
    await expect(column('Staging').getByText('v2')).toBeVisible();
    await expect(column('None').getByText('v1')).toBeVisible();

    // What it takes and gives, and the code that loads it.
    const details = document.locator('[data-trackside-details="2"]');
    await expect(details.getByText('pixel_0').first()).toBeVisible();
    await expect(details.getByText('tensor int64 (-1)')).toBeVisible();
    await expect(details.getByText('"dataframe_split"', { exact: false })).toBeVisible();
    await expect(details).toContainText('mlflow.pyfunc.load_model("models:/digits-clf@staging")');
    await details.getByLabel('As what').selectOption('sklearn');
    await expect(details).toContainText('mlflow.sklearn.load_model(');
    await expect(document.getByRole('img', { name: 'best' })).toHaveCount(1);

    // By drag, with a reason.
    await card(1).dragTo(column('Production'));
    await expect(document.getByRole('textbox', { name: 'Reason' })).toBeFocused();
    await page.keyboard.type('first one that works');
    await page.keyboard.press('Enter');
    await expect(column('Production').getByText('v1')).toBeVisible();
    const history = document.getByRole('list', { name: 'History of promotions' });
    await expect(history.getByRole('listitem').first()).toContainText('v1 to Production');
    await expect(history.getByRole('listitem').first()).toContainText('first one that works');

    // By keyboard alone.
    await card(2).focus();
    await page.keyboard.press('ArrowRight');
    await expect(document.getByRole('textbox', { name: 'Reason' })).toBeFocused();
    await page.keyboard.type(HOSTILE);
    await expect(document.getByLabel('Archive v1')).toBeChecked();
    await page.keyboard.press('Enter');
    await expect(column('Production').getByText('v2')).toBeVisible();
    await expect(column('Archived').getByText('v1')).toBeVisible();
    await expect(card(2)).toBeFocused();
    await expect(history.getByRole('listitem').first()).toContainText(
      'v2 to Production, in place of v1'
    );
    await expect(history).toContainText(HOSTILE);
    const { aliases } = await lab.server.request(
      'trackside/api/v1/registry/holders?name=digits-clf'
    );
    expect(aliases).toEqual({ production: '2' });
    await expect(
      panel.getByRole('row', { name: /^digits-clf, newest version 2, version 2 production/ })
    ).toBeVisible();

    // One click back.
    await history.getByRole('button', { name: 'Take back' }).click();
    await expect(column('Production').getByText('v1')).toBeVisible();
    await expect(column('Staging').getByText('v2')).toBeVisible();
    await expect(history.getByRole('listitem').first()).toContainText(
      'takes back “v2 to Production'
    );

    // Who was in production then?
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 16);
    await document.getByLabel('In production on').fill(tomorrow);
    await expect(document.getByText('v1 was in production.')).toBeVisible();
    await expect(document.getByText('v2 staging', { exact: false }).first()).toBeVisible();
    await document.getByLabel('In production on').fill('2020-01-01T00:00');
    await expect(document.getByText('Nothing was in production.')).toBeVisible();

    await page.screenshot({ path: test.info().outputPath('model.png') });

    // The runs of two versions are compared, and a version is deleted after asking once more.
    await document.getByLabel('Mark version 1').check();
    await document.getByLabel('Mark version 2').check();
    await document.getByRole('button', { name: 'Compare' }).click();
    await expect(page.getByRole('tab', { name: 'Differences' })).toBeVisible();
    await lab.execute('trackside:open-model', { name: 'digits-clf', version: '2' });
    await document.getByRole('button', { name: 'Delete version…' }).click();
    await document.getByRole('button', { name: 'Delete v2 for ever' }).click();
    await expect(card(2)).toHaveCount(0);
    await expect(history.getByRole('listitem').first()).toContainText('The version was deleted.');
    expect(await page.evaluate(() => Reflect.get(window, 'hacked'))).toBeUndefined();
    expect(first).not.toBe(second);
  });

  test('names, tags and descriptions are shown as they are and run nothing, in both themes', async ({
    lab
  }) => {
    const { page } = lab;
    const name = `evil ${HOSTILE}`;
    const runs = await logModels(lab.server, 'evil', [0.4, 0.2, 0.3]);
    await registerModels(lab.server, name, runs);
    await lab.server.request('trackside/api/2.0/mlflow/registered-models/update', 'PATCH', {
      name,
      description: `**Digits** ${HOSTILE} <script>window.hacked=2</script> [x](javascript:window.hacked=3)`
    });
    await lab.server.request('trackside/api/2.0/mlflow/registered-models/set-tag', 'POST', {
      name,
      key: 'team',
      value: HOSTILE
    });
    for (const [version, stage] of [
      ['1', 'Production'],
      ['2', 'Staging']
    ]) {
      await lab.server.request('trackside/api/v1/registry/board', 'POST', {
        name,
        version,
        stage,
        reason: HOSTILE
      });
    }
    await lab.open();
    const panel = await lab.openPanel();
    const row = panel
      .getByRole('grid', { name: 'Models' })
      .getByRole('row')
      .filter({ hasText: name });
    await row.focus();
    await page.keyboard.press('Enter');
    const document = page.locator('.jp-TracksideModel');
    await expect(document.getByRole('heading', { name })).toBeVisible();
    await expect(document.locator('strong', { hasText: 'Digits' })).toBeVisible();
    await expect(document.getByText(`team: ${HOSTILE}`)).toBeVisible();
    await expect(document.getByRole('img', { name: 'best' })).toBeVisible();

    // A tag and the description are edited in place.
    const tags = document.getByRole('region', { name: 'Tags' });
    await tags.getByRole('button', { name: 'Add' }).click();
    await tags.getByLabel('Name of the tag').fill('kind');
    await tags.getByLabel('Value of the tag').fill('digits');
    await page.keyboard.press('Enter');
    await expect(tags.getByText('kind: digits')).toBeVisible();
    const aliases = document.getByRole('region', { name: 'Aliases' });
    await aliases.getByRole('button', { name: 'Add alias' }).click();
    await aliases.getByRole('textbox', { name: 'Alias' }).fill('champion');
    await page.keyboard.press('Enter');
    await expect(aliases.getByText('@champion')).toBeVisible();

    for (const theme of ['JupyterLab Light', 'JupyterLab Dark']) {
      await lab.execute('apputils:change-theme', { theme });
      await expect(page.locator('body')).toHaveAttribute('data-jp-theme-name', theme);
      const scan = new AxeBuilder({ page })
        .include('.jp-TracksideModel')
        .include('#trackside-panel');
      expect((await scan.analyze()).violations).toEqual([]);
      await page.screenshot({ path: test.info().outputPath(`${theme}.png`) });
    }
    expect(await page.evaluate(() => Reflect.get(window, 'hacked'))).toBeUndefined();
  });
});

test('models of an outside MLflow server are promoted with a reason, and what others do is seen', async ({
  page
}) => {
  const mlflow = new MlflowProcess();
  let jupyter: JupyterProcess | undefined;
  try {
    await mlflow.start();
    jupyter = new JupyterProcess({ args: [`--Trackside.tracking_uri=${mlflow.url}`] });
    await jupyter.start();
    const runs = await logModels(jupyter, 'digits', [0.4, 0.2]);
    await registerModels(jupyter, 'digits-clf', runs);
    const lab = new Lab(page, jupyter);
    await lab.open();
    await lab.execute('trackside:open-model', { name: 'digits-clf' });
    const document = page.locator('.jp-TracksideModel');
    await document.getByRole('group', { name: /^Version 2, / }).focus();
    await page.keyboard.press('ArrowRight');
    await document.getByLabel('Move v2 to').selectOption('Production');
    await document.getByRole('textbox', { name: 'Reason' }).fill('half the loss');
    await page.keyboard.press('Enter');
    const history = document.getByRole('list', { name: 'History of promotions' });
    await expect(history.getByRole('listitem').first()).toContainText('half the loss');
    await expect(document.getByText('MLflow keeps no history', { exact: false })).toBeVisible();
    await expect(document.getByText('pixel_0').first()).toBeVisible();

    // Somebody else moves it there.
    await mlflow.post('registered-models/alias', {
      name: 'digits-clf',
      alias: 'production',
      version: '1'
    });
    await expect(history.getByRole('listitem').first()).toContainText('seen, made elsewhere', {
      timeout: 40_000
    });
    await history.getByRole('button', { name: 'Take back' }).click();
    await expect(history.getByRole('listitem').first()).toContainText('takes back');
    await page.screenshot({ path: test.info().outputPath('upstream.png') });
  } finally {
    await jupyter?.dispose();
    await mlflow.dispose();
  }
});
