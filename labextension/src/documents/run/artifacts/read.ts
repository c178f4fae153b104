/** The beginning of a body, and whether that is all of it. */
export interface IBeginning {
  bytes: Uint8Array<ArrayBuffer>;
  isWhole: boolean;
}

/** Read at most so many bytes, and leave the rest unsent. */
export async function readBeginning(response: Response, limit: number): Promise<IBeginning> {
  const reader = response.body?.getReader();
  const parts: Uint8Array[] = [];
  let size = 0;
  let isWhole = !reader;
  while (reader && size < limit) {
    const { done, value } = await reader.read();
    if (done) {
      isWhole = true;
      break;
    }
    parts.push(value);
    size += value.length;
  }
  if (!isWhole) {
    await reader?.cancel();
  }
  const bytes = new Uint8Array(Math.min(size, limit));
  let at = 0;
  for (const part of parts) {
    const piece = part.subarray(0, bytes.length - at);
    bytes.set(piece, at);
    at += piece.length;
  }
  return { bytes, isWhole: isWhole && size <= limit };
}

/** The bytes as text, or `null` when they are none. */
export function toText(bytes: Uint8Array): string | null {
  return bytes.subarray(0, 8192).includes(0) ? null : new TextDecoder().decode(bytes);
}
