import { describe, expect, it } from 'vitest';

import { joinGpus, splitGpus } from '../gpus';

describe('GPUs as people write them', () => {
  it.each([
    ['2', '2', ''],
    ['2 GPUs', '2', ''],
    ['2 x A100-80GB', '2', 'A100-80GB'],
    ['4xT4', '4', 'T4'],
    ['2 \u00d7 H100', '2', 'H100'],
    ['2 A100', '2', 'A100'],
    ['A100', '1', 'A100'],
    ['1g.10gb', '1', '1g.10gb'],
    ['3 x 1g.10gb', '3', '1g.10gb'],
    ['1.5', '1.5', ''],
    ['', '', '']
  ])('%s', (text, gpus, gpuType) => {
    expect(splitGpus(text)).toEqual({ gpus, gpuType });
  });

  it('are one of a type when their number is not said', () => {
    expect(joinGpus({ gpus: '', gpuType: 'T4' })).toBe('1 x T4');
    expect(joinGpus({ gpus: '2', gpuType: '' })).toBe('2');
    expect(joinGpus({ gpus: '', gpuType: '' })).toBe('');
  });
});
