import { describe, expect, it } from 'vitest';

import { english } from '../../../shared/trans';
import { isSystem, measuresOf } from '../system';

describe('what the machine measured', () => {
  const parts = measuresOf(
    [
      'loss',
      'system/cpu_utilization_percentage',
      'system/system_memory_usage_megabytes',
      'system/gpu_1_power_usage_watts',
      'system/gpu_0_memory_usage_megabytes',
      'system/disk_available_megabytes',
      'system/network_receive_megabytes',
      'system/fan'
    ],
    english
  );

  it('is told apart from what the code logged', () => {
    expect(isSystem('system/cpu')).toBe(true);
    expect(isSystem('systematic')).toBe(false);
  });

  it('stands by the parts of the machine, and parts without anything are left out', () => {
    expect([...parts.keys()]).toEqual(['cpu', 'memory', 'gpu', 'disk', 'network', 'other']);
    expect([...measuresOf(['loss'], english)]).toEqual([]);
  });

  it('has names for people and values in units that fit', () => {
    const [cpu] = parts.get('cpu')!;
    expect([cpu.title, cpu.format(12.3456)]).toEqual(['CPU utilization (%)', '12.3 %']);
    const [memory] = parts.get('memory')!;
    expect([memory.title, memory.format(8123)]).toEqual(['Memory usage', '8.1 GB']);
    const gpus = parts.get('gpu')!.map(({ title }) => title);
    expect(gpus).toEqual(['GPU 0 memory usage', 'GPU 1 power usage']);
    expect(parts.get('gpu')![1].format(250)).toBe('250 W');
  });
});
