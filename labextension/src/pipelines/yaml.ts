import { dump } from 'js-yaml';

/** A compiled pipeline as the SDK writes it: the pipeline, and after it the settings of its platforms. */
export function toYaml(spec: Record<string, unknown> | undefined): string {
  const both = spec && 'pipeline_spec' in spec;
  const documents = both ? [spec.pipeline_spec, spec.platform_spec] : [spec];
  return documents
    .filter(one => one !== undefined && one !== null)
    .map(one => dump(one, { lineWidth: 100, noRefs: true, sortKeys: true }))
    .join('---\n');
}
