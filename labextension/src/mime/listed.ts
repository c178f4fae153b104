import type { IRun } from '../api/types';
import type { IListedRun } from '../shared/runs/rows';

/** A run as lists and cards show it. */
export function toListed({ info, metrics, params }: IRun): IListedRun {
  return {
    run_id: info.run_id,
    run_name: info.run_name,
    status: info.status,
    start_time: info.start_time,
    end_time: info.end_time,
    metrics: Object.fromEntries([...metrics.values()].map(({ key, value }) => [key, value])),
    params: Object.fromEntries(params)
  };
}
