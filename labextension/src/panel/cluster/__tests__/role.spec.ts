import { describe, expect, it } from 'vitest';

import { rolesYaml, roleYaml } from '../role';

const pods = {
  what: 'Logs cannot be read.',
  kind: 'Role',
  rules: `- apiGroups: [""]
  resources: ["pods", "pods/log"]
  verbs: ["get", "list"]
`
};
const nodes = {
  what: 'Nodes cannot be seen.',
  kind: 'ClusterRole',
  rules: '- apiGroups: [""]\n  resources: ["nodes"]\n  verbs: ["list"]\n'
};

describe('the role to ask for', () => {
  it('is one of the namespace', () => {
    expect(roleYaml(pods, 'team-a')).toBe(`apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: trackside-pods-pods-log-get-list
  namespace: team-a
rules:
- apiGroups: [""]
  resources: ["pods", "pods/log"]
  verbs: ["get", "list"]`);
  });

  it('is one of the whole cluster where it has to be', () => {
    expect(roleYaml(nodes, 'team-a')).not.toContain('namespace');
  });

  it('comes in one file with the others, each under a name of its own', () => {
    const names = rolesYaml([pods, nodes], 'team-a').match(/^ {2}name: .*$/gm)!;
    expect(new Set(names).size).toBe(2);
    expect(rolesYaml([pods, nodes], null).split('\n---\n')).toHaveLength(2);
  });
});
