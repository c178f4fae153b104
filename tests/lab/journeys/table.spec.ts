import { readFileSync } from 'node:fs';

import type { Locator } from '@playwright/test';
import { parquetReadObjects } from 'hyparquet';

import { expect, type Lab, test } from '../fixtures';
import { experimentOf, logRuns } from '../runs';
import { tableOf } from '../table';

/** The headings from left to right. */
function headings(grid: Locator): Promise<string[]> {
  return grid.getByRole('columnheader').evaluateAll(cells =>
    cells
      .sort((a, b) => Number(a.ariaColIndex) - Number(b.ariaColIndex))
      .slice(1)
      .map(cell => cell.ariaLabel ?? '')
  );
}

/** Click something in the menu of a column. */
async function chooseOf(heading: Locator, item: string): Promise<void> {
  await heading.hover();
  await heading.getByRole('button').click();
  await heading.page().getByRole('dialog').getByRole('button', { name: item }).click();
}

/** Drag what is in the middle of a place by so many pixels. */
async function dragBy(at: Locator, by: number): Promise<void> {
  const { mouse } = at.page();
  await at.hover();
  const { x, y, width, height } = (await at.boundingBox())!;
  await mouse.move(x + width / 2, y + height / 2);
  await mouse.down();
  await mouse.move(x + width / 2 + by / 2, y + height / 2);
  await mouse.move(x + width / 2 + by, y + height / 2);
  await mouse.up();
}

/** Open the table of an experiment of which two runs are nested in a third one. */
async function openNested(lab: Lab, name: string) {
  const [sweep] = await logRuns(lab.server, name, [{ name: 'sweep', loss: 0.5, lr: '0.1' }]);
  await logRuns(lab.server, name, [
    { name: 'first', loss: 0.1, lr: '0.01', parent: sweep },
    { name: 'second', loss: 0.9, lr: '1', parent: sweep }
  ]);
  const id = await experimentOf(lab.server, sweep);
  await lab.open();
  await lab.execute('trackside:open-experiment', { experiment_ids: [id] });
  await expect(tableOf(lab.page).status).toHaveText('3 runs');
  return { id, ...tableOf(lab.page) };
}

test('columns are arranged by hand, nested runs unfold, and the table is taken away as it is', async ({
  lab
}) => {
  const { page } = lab;
  const { document, grid, rows, status } = await openNested(lab, 'arranged');
  const loss = grid.getByRole('columnheader', { name: 'Metric loss' });
  const lr = grid.getByRole('columnheader', { name: 'Param lr' });
  const started = grid.getByRole('columnheader', { name: 'Started' });
  await expect
    .poll(() => headings(grid))
    .toEqual(['Name', 'Started', 'Duration', 'Metric loss', 'Param lr']);

  // A metric is coloured by its value, beside its curve.
  await chooseOf(loss, 'Colour: low is strong');
  const tint = (name: RegExp) => rows(name).locator('.jp-TracksideTable-tint');
  await expect(tint(/^second/)).toHaveCSS('--strength', '0%');
  await expect(tint(/^first/)).toHaveCSS('--strength', '36%');
  await chooseOf(loss, 'Curve beside it');
  await expect(document.locator('.jp-TracksideSpark path')).toHaveCount(3);
  await expect
    .poll(async () => (await headings(grid)).slice(3))
    .toEqual(['Metric loss', 'loss curve', 'Param lr']);

  // A heading is put where it is let go, to the left as to the right, and keeps its order.
  await started.dragTo(grid.getByRole('columnheader', { name: 'Duration' }), {
    targetPosition: { x: 90, y: 10 }
  });
  await expect
    .poll(async () => (await headings(grid)).slice(1, 3))
    .toEqual(['Duration', 'Started']);
  await started.dragTo(lr, { targetPosition: { x: 100, y: 10 } });
  await lr.dragTo(loss, { targetPosition: { x: 10, y: 10 } });
  const arranged = ['Name', 'Duration', 'Param lr', 'Metric loss', 'loss curve', 'Started'];
  await expect.poll(() => headings(grid)).toEqual(arranged);
  await expect(started).toHaveAttribute('aria-sort', 'descending');

  const width = async (of: Locator): Promise<number> => (await of.boundingBox())!.width;
  const before = await width(lr);
  await dragBy(lr.locator('.jp-TracksideTable-handle'), 300);
  await expect.poll(() => width(lr)).toBe(before + 300);
  await expect(lr).not.toHaveAttribute('aria-sort');
  await expect.poll(() => headings(grid)).toEqual(arranged);

  // What is pinned stands still while the rest moves below it; the focus stays with a column that moves.
  await chooseOf(loss, 'Pin at the left');
  await expect(loss).toHaveAttribute('aria-colindex', '3');
  await expect(loss.getByRole('button')).toBeFocused();
  await lr.focus();
  await page.keyboard.press('Control+Shift+ArrowRight');
  await page.keyboard.press('Control+Shift+ArrowRight');
  await expect(lr).toHaveAttribute('aria-colindex', '7');
  await expect(lr).toBeFocused();
  await expect(lr).toHaveAttribute('tabindex', '0');
  await page.keyboard.press('Shift+ArrowRight');
  await expect.poll(() => width(lr)).toBe(before + 316);
  const pinned = ['Name', 'Metric loss', 'Duration', 'loss curve', 'Started', 'Param lr'];
  await expect.poll(() => headings(grid)).toEqual(pinned);
  const left = async (of: Locator): Promise<number> => (await of.boundingBox())!.x;
  const [still, moving] = [await left(loss), await left(lr)];
  await grid.hover();
  await page.mouse.wheel(150, 0);
  await expect.poll(() => left(lr)).toBeLessThan(moving);
  await expect.poll(() => left(loss)).toBe(still);

  // Nested runs are a tree for the keyboard.
  await document.getByRole('button', { name: /^Group by/ }).click();
  const kept = page.waitForResponse(
    answer =>
      answer.request().method() === 'PUT' &&
      Boolean(answer.request().postData()?.includes('parent'))
  );
  await page.getByRole('button', { name: 'Nested runs' }).click();
  const tree = document.getByRole('treegrid');
  await expect(status).toHaveText('1 run at the top');
  const sweep = rows(/^sweep.*2 nested/);
  await expect(sweep).toHaveAttribute('aria-expanded', 'false');
  await sweep.getByRole('gridcell').nth(1).focus();
  await page.keyboard.press('ArrowRight');
  await expect(sweep).toHaveAttribute('aria-expanded', 'true');
  await expect(rows(/^(first|second)/)).toHaveCount(2);
  await expect(rows(/^first/)).toHaveAttribute('aria-level', '2');
  await page.keyboard.press('ArrowDown');
  await expect(
    rows(/^second/)
      .getByRole('gridcell')
      .nth(1)
  ).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowLeft');
  await expect(sweep).toHaveAttribute('aria-expanded', 'false');
  await expect(rows(/^(first|second)/)).toHaveCount(0);

  // All of it is there again after a reload.
  await kept;
  await lab.reload();
  await expect(status).toHaveText('1 run at the top');
  await expect.poll(() => headings(tree)).toEqual(pinned);
  const again = tree.getByRole('columnheader', { name: 'Param lr' });
  await expect.poll(() => width(again)).toBe(before + 316);
  await tree.getByRole('button', { name: 'Unfold sweep' }).click();
  await expect(tint(/^first/)).toHaveCSS('--strength', '36%');
  await expect(document.locator('.jp-TracksideSpark path')).toHaveCount(3);

  // The file keeps kinds, and the code gives all runs, also those that are folded.
  await document.getByRole('button', { name: 'Export' }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Parquet, these columns' }).click()
  ]);
  const bytes = readFileSync((await download.path())!);
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const written = await parquetReadObjects({ file });
  expect(
    written.map(row => [row.run_name, row['metrics.loss'], row['params.lr'], row.start_time])
  ).toEqual([
    ['second', 0.9, '1', expect.any(Date)],
    ['first', 0.1, '0.01', expect.any(Date)],
    ['sweep', 0.5, '0.1', expect.any(Date)]
  ]);
  await document.getByRole('button', { name: 'Export' }).click();
  await page.getByRole('button', { name: 'Copy as pandas code' }).click();
  lab.server.notebook('taken.ipynb', ['']);
  await lab.openNotebook('taken.ipynb');
  await lab.cell(0).locator('.cm-content').click();
  await page.keyboard.press('Control+v');
  await page.keyboard.insertText('\nprint(runs.drop(columns=["started", "run_id"]).to_csv())');
  await page.keyboard.press('Shift+Enter');
  const output = lab.cell(0).locator('.jp-OutputArea-output');
  await expect(output).toContainText(',name,metrics.loss,duration,params.lr');
  await expect(output).toContainText(/0,second,0\.9,.*\s+1,first,0\.1,.*\s+2,sweep,0\.5,/);
});

test('a damaged saved view opens with what can be used of it, and says what is missing', async ({
  lab
}) => {
  const { page } = lab;
  const { id, document, filter, grid, rows, status } = await openNested(lab, 'damaged');
  const views = 'trackside/api/v1/table-views';
  const saved = await lab.server.request(views, 'POST', {
    name: 'mine',
    experiment_ids: [id],
    definition: {}
  });
  await lab.server.request(`${views}/${saved.id}`, 'PUT', {
    definition: {
      isDefault: true,
      filter: 'metrics.loss < 0.7',
      life: 'SOMETIMES',
      order: [{ field: 'metrics.loss', descending: true }, { field: 'attributes.weather' }, 42],
      columns: [{ field: 'attributes.run_name' }, null, { field: 'params.lr', width: 'wide' }],
      group: { by: 'weather' },
      nameWidth: -3
    }
  });
  const notice = document.getByRole('status').filter({ hasText: 'is damaged' });
  const isUsed = async (): Promise<void> => {
    await expect(notice).toContainText('The saved view mine is damaged');
    await expect(notice).toContainText('which runs, order, columns, groups.');
    await expect(status).toHaveText('2 runs');
    await expect(rows(/./).nth(1)).toContainText('sweep');
    await expect.poll(() => headings(grid)).toEqual(['Name', 'Param lr']);
  };
  await document.getByRole('button', { name: 'Views' }).click();
  await page.getByRole('button', { name: 'mine', exact: true }).click();
  await isUsed();
  await notice.getByRole('button', { name: 'Dismiss' }).click();
  await expect(notice).toBeHidden();
  await expect(status).toHaveText('2 runs');

  // A table that opens with it says so too, until it is mended.
  await lab.open();
  await lab.execute('trackside:open-experiment', { experiment_ids: [id] });
  await isUsed();
  await notice.getByRole('button', { name: 'Save as it is shown' }).click();
  await expect(notice).toBeHidden();
  const { views: all } = await lab.server.request(`${views}?experiment_ids=${id}`);
  expect(all[0].definition).toMatchObject({
    isDefault: true,
    filter: 'metrics.loss < 0.7',
    life: 'ACTIVE_ONLY',
    order: [{ field: 'metrics.loss', descending: true }],
    columns: [{ field: 'params.lr' }],
    group: null
  });

  // A filter that cannot be read is remembered as it stands, and lets no one wait for rows.
  const kept = page.waitForResponse(
    answer =>
      answer.request().method() === 'PUT' &&
      Boolean(answer.request().postData()?.includes('params.lr <'))
  );
  await filter.fill('params.lr <');
  await filter.press('Enter');
  await expect(document.getByRole('alert')).toBeVisible();
  await expect(status).toHaveText('2 runs');
  await kept;
  await lab.reload();
  await expect(document.getByRole('alert')).toBeVisible();
  await expect(document.getByText('the filter cannot be read')).toBeVisible();
  await document.getByRole('button', { name: 'Clear the filter' }).last().click();
  await expect(status).toHaveText('3 runs');
});
