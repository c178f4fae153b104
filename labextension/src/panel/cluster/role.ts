import type { IMissing, IPolicyRule } from '../../api/clustertypes';

/** The Role that gives a right which Trackside lacks, as YAML to hand to whoever runs the cluster. */
export function roleYaml(missing: IMissing, namespace: string | null): string {
  const isForAll = missing.kind === 'ClusterRole';
  return [
    'apiVersion: rbac.authorization.k8s.io/v1',
    `kind: ${missing.kind}`,
    'metadata:',
    `  name: ${roleName(missing.rules)}`,
    ...(namespace && !isForAll ? [`  namespace: ${namespace}`] : []),
    'rules:',
    ...missing.rules.flatMap(rule => [
      `  - apiGroups: ${words(rule.apiGroups)}`,
      `    resources: ${words(rule.resources)}`,
      `    verbs: ${words(rule.verbs)}`
    ])
  ].join('\n');
}

/** All of them in one file. */
export function rolesYaml(missing: readonly IMissing[], namespace: string | null): string {
  return missing.map(item => roleYaml(item, namespace)).join('\n---\n');
}

// A name of its own each, so that applying one does not take away what another gave.
function roleName(rules: readonly IPolicyRule[]): string {
  const parts = [...new Set(rules.flatMap(rule => [...rule.resources, ...rule.verbs]))];
  const name = ['trackside', ...parts].join('-').toLowerCase();
  return name
    .replace(/[^a-z0-9-]+/g, '-')
    .slice(0, 63)
    .replace(/-+$/, '');
}

// JSON is YAML.
function words(list: readonly string[]): string {
  return `[${list.map(word => JSON.stringify(word)).join(', ')}]`;
}
