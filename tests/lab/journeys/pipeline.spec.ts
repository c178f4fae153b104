import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, Lab, test } from '../fixtures';
import { compiled, SDK, startPipeline } from '../pipelines';
import { JupyterProcess } from '../server';

test.describe('A pipeline run', () => {
  const server = new JupyterProcess({ env: SDK });
  test.beforeAll(async () => {
    await server.start();
  });
  test.afterAll(async () => {
    await server.dispose();
  });

  test('is watched as it runs, walked through by keyboard, and looked into task by task', async ({
    page
  }) => {
    const lab = new Lab(page, server);
    const gate = join(server.home, 'gate');
    const runId = await startPipeline(server, compiled('digits'), { gate }, 'digits 1');
    await lab.open();
    await lab.execute('trackside:open-pipeline-run', { run_id: runId });
    const document = page.locator('.jp-TracksidePipeline:not(.jp-mod-compact)');
    const node = (name: string) => document.getByRole('option', { name: new RegExp(`^${name};`) });
    const sheet = (name: string) => document.getByRole('region', { name, exact: true });
    const timeline = document.getByRole('grid', { name: 'Timeline' });
    await expect(document.getByRole('heading', { name: 'digits 1' })).toBeVisible();
    await expect(node('body')).toHaveAttribute('aria-label', /Running/);
    await expect(node('tell')).toHaveAttribute('aria-label', /; Pending/);

    // Into the body, and there along the edges, by keyboard alone.
    await node('body').focus();
    await page.keyboard.press('Enter');
    const loop = node('For each of .0.1, 0.01, 0.001.');
    await expect(node('load')).toHaveAttribute('aria-label', /Succeeded/);
    await expect(loop).toHaveAttribute('aria-label', /Loop; Running; .*after load/);
    await expect(loop).toContainText('0 of 3 iterations');
    // The keyboard is inside, on the first task; one Tab leads out of all of them.
    await expect(node('load')).toBeFocused();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Home');
    await expect(node('load')).toBeFocused();
    await expect(sheet('load')).toBeVisible();
    await expect(sheet('load').getByText('rows')).toBeVisible();
    await lab.scan('.jp-TracksidePipeline');

    // A repetition that waits for the test, with its log.
    await timeline
      .getByRole('row', { name: /^train; Running/ })
      .first()
      .dblclick();
    await expect(document.getByRole('navigation')).toContainText('For each of [0.1, 0.01, 0.001]');
    await expect(node('train')).toHaveAttribute('aria-selected', 'true');
    const picker = document.getByRole('combobox', {
      name: 'Iteration of For each of [0.1, 0.01, 0.001]'
    });
    await picker.selectOption('2');
    await expect(sheet('train').getByText('0.001')).toBeVisible();
    writeFileSync(gate, '');
    await expect(node('train')).toHaveAttribute('aria-label', /Succeeded/, { timeout: 60_000 });
    await sheet('train').getByRole('tab', { name: 'Log' }).click();
    await expect(sheet('train').getByText('trained with lr=0.001')).toBeVisible();
    await sheet('train')
      .getByRole('tab', { name: /^Artifacts/ })
      .click();
    await expect(sheet('train').getByRole('row', { name: /accuracy 0\.999/ })).toBeVisible();

    // Out again with Escape: what was looked into is still chosen.
    await node('train').focus();
    await page.keyboard.press('Escape');
    await expect(loop).toHaveAttribute('aria-selected', 'true');
    await expect(loop).toContainText('3 of 3 iterations');
    await expect(loop).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(node('train')).toBeFocused();
    await page.keyboard.press('Backspace');
    await expect(loop).toBeFocused();
    await page.keyboard.press('Tab');
    await expect(document.getByRole('button', { name: 'Zoom in (+)' })).toBeFocused();

    // The iterations of the loop, by mouse in the graph, and by keyboard from one to the next.
    await loop.dblclick();
    await expect(node('train')).toHaveAttribute('aria-label', /Succeeded/);
    await expect(picker).toHaveValue('0');
    await picker.focus();
    await page.keyboard.press('ArrowDown');
    await expect(picker).toHaveValue('1');
    await node('train').click();
    await sheet('train').getByRole('tab', { name: 'Values' }).click();
    await expect(sheet('train').getByText('0.01', { exact: true })).toBeVisible();
    await document.getByRole('navigation').getByRole('button', { name: 'body' }).click();

    // In the timeline they are folded and unfolded, by mouse and by keyboard.
    const lines = timeline.getByRole('row', { name: /^train; Succeeded/ });
    const looped = timeline.getByRole('row', { name: /^For each of .*\]; Succeeded; .*; from / });
    await expect(lines).toHaveCount(3);
    await looped.getByRole('button', { name: /^Fold / }).click();
    await expect(lines).toHaveCount(0);
    await looped.focus();
    await page.keyboard.press('ArrowRight');
    await expect(looped.getByRole('button', { name: /^Unfold / })).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(lines).toHaveCount(3);
    await looped.focus();
    await page.keyboard.press('ArrowDown');
    await expect(
      timeline.getByRole('row', { name: /^For each of .*, iteration 0; / })
    ).toBeFocused();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect(sheet('train').getByText('0.1', { exact: true })).toBeVisible();
    await document.getByRole('navigation').getByRole('button', { name: 'body' }).click();

    // The nested pipeline: its curves, its page without scripts, its branch that was not taken.
    await node('evaluate').dblclick();
    await node('report').click();
    await sheet('report')
      .getByRole('tab', { name: /^Artifacts/ })
      .click();
    await expect(sheet('report').getByRole('img', { name: /^ROC curve/ })).toBeVisible();
    await expect(sheet('report').getByRole('table', { name: /^Confusion matrix/ })).toContainText(
      '31'
    );
    await expect(sheet('report').getByRole('heading', { name: 'All is well' })).toBeVisible();
    await expect(
      sheet('report').frameLocator('iframe').getByRole('heading', { name: 'A page' })
    ).toBeVisible();
    expect(await page.evaluate(() => 'hacked' in window)).toBe(false);
    await expect(node('excellent')).toHaveAttribute('aria-label', /Branch; if .* > 0\.95; Skipped/);

    // The end is told, in words and in the timeline.
    await expect(document.getByText('Succeeded', { exact: true }).first()).toBeVisible();
    await expect(timeline.getByRole('row', { name: /^tell; Succeeded/ })).toHaveCount(1);
    await lab.scan('.jp-TracksidePipeline');

    // After a reload the document is back, with the same task.
    await lab.reload();
    await expect(node('report')).toHaveAttribute('aria-selected', 'true');

    // The same graph stands in a cell, and what it holds opens the document.
    server.notebook('show.ipynb', [`import trackside\n\ntrackside.show("${runId}")`]);
    await lab.openNotebook('show.ipynb');
    await lab.runCell(0);
    const output = page.locator('.jp-OutputArea-output .jp-TracksidePipeline');
    const inCell = (name: string) => output.getByRole('option', { name: new RegExp(`^${name};`) });
    await expect(inCell('body')).toHaveAttribute('aria-label', /Succeeded/);
    await inCell('body').dblclick();
    await expect(inCell('For each of .0.1, 0.01, 0.001.')).toContainText('3 of 3 iterations');
    await lab.scan('.jp-OutputArea-output');
    await inCell('load').dblclick();
    await expect(document.locator('.jp-TracksideSide:visible')).toHaveAccessibleName('load');
  });

  test('is terminated, which its exit task still tells, and retried, which keeps what succeeded', async ({
    page
  }) => {
    const lab = new Lab(page, server);
    const gate = join(server.home, 'second-gate');
    const runId = await startPipeline(server, compiled('digits'), { gate }, 'digits 2');
    await lab.open();
    await lab.execute('trackside:open-pipeline-run', { run_id: runId });
    const document = page.locator('.jp-TracksidePipeline:not(.jp-mod-compact)');
    const state = document.locator('.jp-TracksideDoc-state');
    const action = (name: string) => document.getByRole('button', { name, exact: true });
    const row = (name: RegExp) =>
      document.getByRole('grid', { name: 'Timeline' }).getByRole('row', { name });
    await expect(row(/^train; Running/).first()).toBeVisible({ timeout: 60_000 });
    await expect(action('Retry')).toHaveCount(0);
    await action('Terminate').click();
    await expect(state).toHaveText('Canceled', { timeout: 60_000 });
    await expect(action('Terminate')).toHaveCount(0);
    await expect(row(/^train; Canceled/).first()).toBeVisible();
    await expect(row(/^tell; Succeeded/)).toHaveCount(1);
    await lab.scan('.jp-TracksidePipeline');

    const [loaded] = await times(runId, 'load');
    writeFileSync(gate, '');
    await action('Retry').click();
    await expect(action('Retry')).toHaveCount(0);
    await expect(state).toHaveText('Succeeded', { timeout: 90_000 });
    await expect(row(/^train; Succeeded/)).toHaveCount(3);
    expect(await times(runId, 'load')).toEqual([loaded]);

    // Once more it is all in the cache, and a task leads to the one that made what it has.
    const again = await startPipeline(server, compiled('digits'), { gate }, 'digits 3');
    await lab.execute('trackside:open-pipeline-run', { run_id: again });
    const shown = page.locator('.jp-TracksidePipeline:visible');
    await expect(shown.getByRole('heading', { name: 'digits 3' })).toBeVisible();
    await shown
      .getByRole('row', { name: /^train; From the cache/ })
      .last()
      .click();
    const sheet = shown.getByRole('region', { name: 'train', exact: true });
    const value = await sheet.locator('dd code').last().textContent();
    await sheet.getByRole('button', { name: 'Open where it came from' }).click();
    await expect(shown.getByRole('heading', { name: 'digits 2' })).toBeVisible();
    await expect(sheet.locator('dd code').last()).toHaveText(value!);
    await expect(sheet.getByRole('button', { name: 'Open where it came from' })).toHaveCount(0);
  });

  /** When the tasks of a name ended. */
  async function times(runId: string, name: string): Promise<string[]> {
    const { tasks } = await server.request(
      `trackside/apis/v2beta1/runs/${runId}/tasks?page_size=100`
    );
    return tasks
      .filter((task: { name: string }) => task.name === name)
      .map((task: { end_time: string }) => task.end_time);
  }
});
