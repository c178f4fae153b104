import { describe, expect, it } from 'vitest';

import { english } from '../../../shared/trans';
import { readWords } from '../read';

const READ = { files: 2, points: 30, metrics: ['loss', 'acc'], damaged: [], truncated: false };
/** What is longer is cut off by JupyterLab. */
const MOST = 140;

describe('what is said of scalars that were read', () => {
  it('counts the points of all runs, and each metric once', () => {
    const said = readWords([READ, { ...READ, metrics: ['loss'] }], english as never);
    expect(said).toEqual({ words: 'Points read: 60, into metrics: 2.', isWhole: true });
  });

  it('claims that all is there only where it is', () => {
    const none = { ...READ, points: 0, metrics: [] };
    expect(readWords([none], english as never).words).toMatch(/^All scalars/);
    const cut = readWords([none, { ...none, truncated: true }], english as never);
    expect(cut.isWhole).toBe(false);
    expect(cut.words).toBe(
      'There was nothing new to read. Event files were left out: too many, too deep or too large.'
    );
  });

  it('is short enough to be read whole, whatever is missing', () => {
    const much = {
      ...READ,
      points: 123_456_789,
      metrics: Array.from({ length: 1234 }, (_, at) => `m${at}`),
      damaged: Array.from({ length: 1000 }, (_, at) => `f${at}`),
      truncated: true
    };
    const { words } = readWords([much], english as never);
    expect(words).toContain('Not read to their end: 1000.');
    expect(words.length).toBeLessThan(MOST);
  });
});
