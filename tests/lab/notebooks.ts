/** Cells that the tests put into notebooks. */

export const LOAD = '%load_ext trackside';

/** A helper that the training cells use: it travels with the job. */
export const HELPER = `import time

def half(value):
    time.sleep(0.1)
    return value / 2`;

/**
 * A cell that "trains" for so many epochs of a tenth of a second, and prints what it reaches.
 *
 * With a gate, it waits in the middle until there is that file: it runs for as long as the test looks at it.
 */
export function trainCell(options: string, epochs: number, gate?: string): string {
  const wait = gate
    ? `    while epoch == epochs // 2 and not os.path.exists(${JSON.stringify(gate)}):
        half(0)
`
    : '';
  return `%%train ${options} --param epochs=${epochs}
${gate ? 'import os\n' : ''}loss = 1.0
for epoch in range(epochs):
${wait}    loss = 0.05 + half(loss)
    print(f"epoch={epoch} loss={loss:.4f} accuracy={1 - loss:.3f}")`;
}
