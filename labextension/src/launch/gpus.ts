/** GPUs as one asks for them: how many, and of which type. */
export interface IGpuWords {
  gpus: string;
  gpuType: string;
}

const COUNT = /^([\d.]+)\s*(?:gpus?|accelerators?)?$/i;
const COUNTED_TYPE = /^(?:(\d+)\s*[x*\u00d7]\s*|(\d+)\s+)?(.+)$/i;

/** Take `2 x A100-80GB`, `A100-80GB` or `2` apart. */
export function splitGpus(text: string): IGpuWords {
  const plain = COUNT.exec(text.trim());
  if (plain) {
    return { gpus: plain[1], gpuType: '' };
  }
  const [, times, spaced, gpuType = ''] = COUNTED_TYPE.exec(text.trim()) ?? [];
  return { gpus: times ?? spaced ?? (gpuType && '1'), gpuType };
}

/** `2 x A100-80GB`, or the number where any type will do. */
export function joinGpus({ gpus, gpuType }: IGpuWords): string {
  return gpuType.trim() ? `${gpus.trim() || 1} x ${gpuType.trim()}` : gpus.trim();
}
