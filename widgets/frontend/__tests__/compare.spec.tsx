import { expect, it, vi } from 'vitest';

import view from '../compare';
import type { IModel } from '../kernel';

/** A kernel that has nothing to say beside its traits. */
function modelOf(traits: Record<string, unknown>) {
  return {
    get: (name: string) => traits[name],
    set: () => undefined,
    save_changes: () => undefined,
    on: () => undefined,
    off: () => undefined,
    send: () => undefined
  } as unknown as IModel<never>;
}

it('the runs of a comparison in a cell look all different, as far as there may be', async () => {
  const heads = Array.from({ length: 20 }, (_, at) => ({
    run_id: `run-${at}`,
    run_name: `run ${at}`,
    status: 'FINISHED',
    start_time: 1
  }));
  const traits = {
    heads,
    metrics: [],
    metric: '',
    sentence: '',
    rows: [],
    revision: 1,
    message: ''
  };
  const el = document.createElement('div');
  const stop = view.render({ model: modelOf(traits), el });
  await vi.waitFor(() => expect(el.querySelectorAll('th line')).toHaveLength(20));
  const looks = [...el.querySelectorAll<SVGLineElement>('th line')].map(
    line => `${line.style.stroke} ${line.getAttribute('stroke-dasharray')}`
  );
  expect(new Set(looks).size).toBe(20);
  stop();
});
