import type { KernelSpec } from '@jupyterlab/services';
import { expect, test } from 'vitest';

import { readPythons } from '../launch/pythons';

function spec(name: string, argv: string[], language = 'python'): KernelSpec.ISpecModel {
  return { name, display_name: `Kernel ${name}`, argv, language, resources: {} };
}

/** The kernels of a server; of one that does not tell them, if there are none. */
function managerOf(specs: KernelSpec.ISpecModel[] | null): KernelSpec.IManager {
  return {
    ready: specs ? Promise.resolve() : Promise.reject(new Error('away')),
    specs: specs && {
      default: specs[0].name,
      kernelspecs: Object.fromEntries(specs.map(one => [one.name, one]))
    }
  } as unknown as KernelSpec.IManager;
}

const LAUNCH = ['-m', 'ipykernel_launcher', '-f', '{connection_file}'];

test('the interpreters that can be chosen are those of the Python kernels, each once', async () => {
  const { known } = await readPythons(
    managerOf([
      spec('gpu', ['/envs/gpu/bin/python', ...LAUNCH]),
      spec('python3', ['python', ...LAUNCH]),
      spec('again', ['/envs/gpu/bin/python', ...LAUNCH]),
      // Where conda's environments are offered, a program prepares them first.
      spec('conda', ['python', '-m', 'nb_conda_kernels.run', '/opt/envs/a/bin/python', ...LAUNCH]),
      spec('elsewhere', ['python-of-the-path', ...LAUNCH]),
      spec('ir', ['/usr/bin/R', '--slave'], 'R')
    ]),
    undefined
  );
  expect(known).toEqual([
    { path: '', kernel: 'Kernel python3' },
    { path: '/envs/gpu/bin/python', kernel: 'Kernel gpu' },
    { path: '/opt/envs/a/bin/python', kernel: 'Kernel conda' }
  ]);
});

test.each([
  ['gpu', '/envs/gpu/bin/python'],
  ['python3', ''],
  ['gone', ''],
  [undefined, '']
])(
  'unless one says, it is the one of the kernel in view, else the server’s (%s)',
  async (name, path) => {
    const specs = [
      spec('python3', ['python', ...LAUNCH]),
      spec('gpu', ['/envs/gpu/bin/python', ...LAUNCH])
    ];
    expect((await readPythons(managerOf(specs), name)).usual).toBe(path);
  }
);

test('a server that does not tell its kernels still has an interpreter', async () => {
  expect(await readPythons(managerOf(null), 'python3')).toEqual({
    known: [{ path: '', kernel: '' }],
    usual: ''
  });
});
