import { dump } from 'js-yaml';

import type { ISpec } from '../api/pipelinerecords';

/** A compiled pipeline as the SDK writes it: the pipeline, and after it the settings of its platforms. */
export function toYaml({ pipeline, platforms }: ISpec): string {
  return (platforms ? [pipeline, platforms] : [pipeline])
    .map(one => dump(one, { lineWidth: 100, noRefs: true, sortKeys: true }))
    .join('---\n');
}
