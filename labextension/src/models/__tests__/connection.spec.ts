import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';

import { versionAdvice } from '../connection';

const trans = nullTranslator.load('trackside');

describe('the version handshake', () => {
  it.each([
    ['0.1.0', '0.1.0'],
    ['0.1.0', '0.1.7'],
    ['1.2.3rc1', '1.2.0']
  ])('is content with %s and %s', (front, server) => {
    expect(versionAdvice(front, server, trans)).toBe('');
  });

  it('asks for a reload when the server is newer', () => {
    expect(versionAdvice('0.1.0', '0.2.0', trans)).toContain('Reload the page');
  });

  it('asks for a restart of the server when that is older', () => {
    expect(versionAdvice('1.0.0', '0.9.0', trans)).toContain('Restart the Jupyter server');
  });
});
