/** Cells that the tests put into notebooks. */

export const LOAD = '%load_ext trackside';

/** A helper that the training cells use: it travels with the job. */
export const HELPER = `import time

def half(value):
    time.sleep(0.1)
    return value / 2`;

/** A cell that "trains" for so many epochs of a tenth of a second, and prints what it reaches. */
export function trainCell(options: string, epochs: number): string {
  return `%%train ${options} --param epochs=${epochs}
loss = 1.0
for epoch in range(epochs):
    loss = 0.05 + half(loss)
    print(f"epoch={epoch} loss={loss:.4f} accuracy={1 - loss:.3f}")`;
}
