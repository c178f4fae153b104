import type { Page } from '@playwright/test';

/** The table of the document in front. */
export function tableOf(page: Page) {
  const document = page.locator('.jp-TracksideExperiment:visible');
  const rows = document.getByRole('row').filter({ has: page.getByRole('checkbox') });
  return {
    document,
    grid: document.getByRole('grid'),
    filter: document.getByRole('combobox', { name: 'Filter runs' }),
    /** The rows of runs whose name matches. */
    rows: (name: RegExp) => rows.filter({ hasText: name }),
    status: document.getByRole('group', { name: 'Selection' }).getByRole('status')
  };
}

/** *Undo* of the notification that says this: an earlier one may still be fading. */
export function undo(page: Page, sentence: string) {
  return page
    .locator('.Toastify__toast')
    .filter({ hasText: sentence })
    .getByRole('button', { name: 'Undo' });
}
