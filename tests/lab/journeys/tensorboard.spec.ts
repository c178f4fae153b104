import { startEventRun } from '../events';
import { expect, test } from '../fixtures';

test.describe('TensorBoard', () => {
  test('opens on the event files of a run, apart from Jupyter, and gives its scalars to the run', async ({
    lab
  }) => {
    const { page } = lab;
    const run = await startEventRun(lab.server, 'with-events');
    await lab.open();
    const panel = await lab.openPanel();
    await panel.getByText('with-events').click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Open in TensorBoard' }).click();
    await expect(page.getByText('There are no event files yet.')).toBeVisible();
    await lab.scan('.jp-TracksideTensorboard');
    // The tab was not opened in vain: the files come, and so does TensorBoard.
    const curve = page.waitForResponse(
      answer => answer.url().endsWith('/timeSeries') && answer.request().method() === 'POST'
    );
    await run.logEvents();
    const board = page.frameLocator('.jp-TracksideTensorboard iframe');
    await expect(board.getByText('epoch_loss').first()).toBeVisible({ timeout: 60_000 });
    await expect(board.getByText('with-events/tb').first()).toBeVisible();
    expect(await (await curve).json()).toMatchObject([{ tag: 'epoch_loss' }]);
    const tab = (await page.locator('.jp-TracksideTensorboard').boundingBox())!;
    const shown = (await page.locator('.jp-TracksideTensorboard-frame').boundingBox())!;
    expect([shown.width, shown.height]).toEqual([tab.width, tab.height]);

    // Its page cannot reach what the user's page can.
    const frame = page.frames().find(one => one.url().includes('/trackside/tensorboard/'))!;
    const reach = await frame.evaluate(async () => ({
      origin: window.origin,
      cookie: document.cookie,
      parent: (() => {
        try {
          return window.parent.document.title;
        } catch {
          return 'none';
        }
      })(),
      api: await fetch(new URL('../../../api/v1/info', document.baseURI)).then(
        answer => answer.status,
        () => 'none'
      )
    }));
    expect(reach).toEqual({ origin: 'null', cookie: '', parent: 'none', api: 'none' });

    await page.getByRole('button', { name: 'Read scalars into the metrics' }).click();
    // By the keyboard: while TensorBoard draws, what slides in takes its time to stand still.
    await page.getByRole('button', { name: 'Show Charts' }).press('Enter');
    await expect(page.locator('.jp-TracksideRun')).toContainText('epoch_loss');

    await lab.reload();
    await lab.execute('trackside:open-tensorboard', { run: run.id });
    await expect(page.locator('.jp-TracksideTensorboard')).toHaveCount(1);
    await expect(board.getByText('epoch_loss').first()).toBeVisible({ timeout: 60_000 });
  });

  test('says which event files are left out, above its page and where scalars are read', async ({
    lab
  }) => {
    const { page } = lab;
    const run = await startEventRun(lab.server, 'with-too-many');
    await run.logEvents();
    await run.logEvents('deep/'.repeat(25));
    await lab.open();
    await lab.execute('trackside:open-tensorboard', { run: run.id });
    const tab = page.locator('.jp-TracksideTensorboard');
    const note = tab.getByRole('status').filter({ hasText: 'Not all event files are shown.' });
    await expect(note).toBeVisible({ timeout: 60_000 });
    await expect(tab.frameLocator('iframe').getByText('epoch_loss').first()).toBeVisible({
      timeout: 60_000
    });
    const [whole, above, frame] = await Promise.all(
      [tab, note, tab.locator('.jp-TracksideTensorboard-frame')].map(
        async part => (await part.boundingBox())!
      )
    );
    expect(above.y + above.height).toBeLessThanOrEqual(frame.y);
    expect(frame.y + frame.height).toBeCloseTo(whole.y + whole.height, 0);
    await lab.scan('.jp-TracksideTensorboard');

    await page.getByRole('button', { name: 'Read scalars into the metrics' }).click();
    const said = page.getByText('Event files were left out: too many, too deep or too large.');
    await expect(said).toContainText('Points read: 30, into metrics: 1.');
  });
});
