import type { KernelSpec } from '@jupyterlab/services';

/** An interpreter that runs the Python components of a pipeline. */
export interface IPython {
  /** Where it lies; nothing for the one that runs the Jupyter server. */
  path: string;
  /** The name of a kernel that runs with it. */
  kernel: string;
}

/** The interpreters that one can choose from, and which of them is meant unless one says. */
export interface IPythons {
  known: readonly IPython[];
  usual: string;
}

/** The interpreters of the kernels of this server; that of the kernel in view is the usual one. */
export async function readPythons(
  kernelspecs: KernelSpec.IManager,
  kernel: string | undefined
): Promise<IPythons> {
  // Without the kernels there is still the interpreter of the server.
  await kernelspecs.ready.catch(() => undefined);
  const specs = Object.values(kernelspecs.specs?.kernelspecs ?? {}).filter(
    spec => spec !== undefined
  );
  const inView = specs.find(({ name }) => name === kernel);
  return { known: pythonsOf(specs), usual: (inView && pythonOf(inView)) ?? '' };
}

/** Each interpreter once, the server's own first. */
function pythonsOf(specs: readonly KernelSpec.ISpecModel[]): IPython[] {
  const known = new Map<string, string>([['', '']]);
  for (const spec of specs) {
    const path = pythonOf(spec);
    if (path !== null && !known.get(path)) {
      known.set(path, spec.display_name);
    }
  }
  return [...known].map(([path, name]) => ({ path, kernel: name }));
}

/** With which interpreter a kernel runs; nothing where it runs no Python, or does not say with which. */
function pythonOf({ argv, language }: KernelSpec.ISpecModel): string | null {
  if (language.toLowerCase() !== 'python') {
    return null;
  }
  // Some start by way of a program that prepares the environment.
  const module = argv.findIndex(
    (word, at) => word === '-m' && /^ipykernel(_launcher)?$/.test(argv[at + 1] ?? '')
  );
  const program = argv[Math.max(0, module - 1)] ?? '';
  if (program.startsWith('/')) {
    return program;
  }
  // Jupyter puts its own in the place of these.
  return program === argv[0] && /^python(3(\.\d+)?)?$/.test(program) ? '' : null;
}
