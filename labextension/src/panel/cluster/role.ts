import type { IMissing } from '../../api/clustertypes';

/** The role that gives a right which Trackside lacks, as YAML to hand to whoever runs the cluster. */
export function roleYaml({ kind, rules }: IMissing, namespace: string | null): string {
  return [
    'apiVersion: rbac.authorization.k8s.io/v1',
    `kind: ${kind}`,
    'metadata:',
    `  name: ${roleName(rules)}`,
    ...(namespace && kind === 'Role' ? [`  namespace: ${namespace}`] : []),
    'rules:',
    rules.trimEnd()
  ].join('\n');
}

/** All of them in one file. */
export function rolesYaml(missing: readonly IMissing[], namespace: string | null): string {
  return missing.map(item => roleYaml(item, namespace)).join('\n---\n');
}

// A name of its own each, so that applying one does not take away what another gave.
function roleName(rules: string): string {
  const words = [...rules.matchAll(/\b(?:resources|verbs):(.*)/g)].map(([, list]) => list);
  return `trackside-${words.join('-')}`
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replace(/-+$/, '');
}
