import { describe, expect, it } from 'vitest';

import { english } from '../../../shared/trans';
import { isSystem, measuresOf } from '../system';

describe('what the machine measured', () => {
  const measures = measuresOf(
    [
      'loss',
      'system/fan',
      'system/gpu_1_power_usage_watts',
      'system/gpu_0_memory_usage_megabytes',
      'system/network_receive_megabytes',
      'system/disk_available_megabytes',
      'system/cpu_utilization_percentage',
      'system/system_memory_usage_megabytes'
    ],
    english
  );

  it('is told apart from what the code logged', () => {
    expect(isSystem('system/cpu')).toBe(true);
    expect(isSystem('systematic')).toBe(false);
    expect(measures.has('loss')).toBe(false);
  });

  it('is ordered by the parts of the machine and has names for people', () => {
    expect([...measures.values()].map(({ title }) => title)).toEqual([
      'CPU utilization (%)',
      'Memory usage',
      'GPU 0 memory usage',
      'GPU 1 power usage',
      'Disk available',
      'Network receive',
      'Fan'
    ]);
  });

  it('has values in units that fit, and labels of an axis that differ', () => {
    const write = (key: string, value: number) => measures.get(`system/${key}`)!.format(value);
    expect(write('cpu_utilization_percentage', 12.3456)).toBe('12.3 %');
    expect(write('system_memory_usage_megabytes', 8050)).toBe('8.05 GB');
    expect(write('disk_available_megabytes', 0)).toBe('0 B');
    expect(write('gpu_1_power_usage_watts', 250)).toBe('250 W');
  });
});
