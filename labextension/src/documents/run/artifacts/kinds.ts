/** How an artifact can be looked at. */
export type PreviewKind =
  | 'text'
  | 'image'
  | 'audio'
  | 'table'
  | 'parquet'
  | 'json'
  | 'markdown'
  | 'html'
  | 'notebook'
  | 'none';

/** The most that is fetched of each kind; what is larger is cut or only offered for download. */
export const LIMITS: Record<PreviewKind, number> = {
  text: 512 * 1024,
  table: 2 * 2 ** 20,
  json: 2 * 2 ** 20,
  markdown: 512 * 1024,
  html: 5 * 2 ** 20,
  notebook: 10 * 2 ** 20,
  image: 30 * 2 ** 20,
  audio: 30 * 2 ** 20,
  // Fetched in parts.
  parquet: 0,
  none: 0
};

const IMAGES: Record<string, string> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  bmp: 'image/bmp',
  avif: 'image/avif',
  svg: 'image/svg+xml'
};

const SOUNDS: Record<string, string> = {
  mp3: 'audio/mpeg',
  wav: 'audio/wav',
  ogg: 'audio/ogg',
  oga: 'audio/ogg',
  opus: 'audio/ogg',
  flac: 'audio/flac',
  m4a: 'audio/mp4',
  aac: 'audio/aac'
};

const KINDS: Record<string, PreviewKind> = {
  csv: 'table',
  tsv: 'table',
  json: 'json',
  md: 'markdown',
  markdown: 'markdown',
  html: 'html',
  htm: 'html',
  ipynb: 'notebook',
  parquet: 'parquet'
};

/** Files that are never text, so that they are not fetched to find that out. */
const BINARY = new Set(
  (
    'pkl pickle joblib pt pth bin onnx h5 hdf5 keras npz npy feather arrow zip gz bz2 xz tar tgz ' +
    'whl so dll dylib exe pdf mp4 mov avi webm tif tiff ico safetensors gguf ckpt db sqlite model cbm ubj'
  ).split(' ')
);

function extension(path: string): string {
  const name = path.split('/').pop() ?? '';
  const dot = name.lastIndexOf('.');
  return dot > 0 ? name.slice(dot + 1).toLowerCase() : '';
}

/** How an artifact of this name is shown. What has no known ending is tried as text. */
export function kindOf(path: string): PreviewKind {
  const ending = extension(path);
  if (Object.hasOwn(IMAGES, ending)) {
    return 'image';
  }
  if (Object.hasOwn(SOUNDS, ending)) {
    return 'audio';
  }
  if (Object.hasOwn(KINDS, ending)) {
    return KINDS[ending];
  }
  return BINARY.has(ending) ? 'none' : 'text';
}

/** The type that an image or a sound gets, whatever the server says about it. */
export function mediaType(path: string): string {
  const ending = extension(path);
  return IMAGES[ending] ?? SOUNDS[ending] ?? 'application/octet-stream';
}

/** The language of a text, for colours. */
export function languageOf(path: string): string {
  const languages: Record<string, string> = {
    py: 'python',
    yaml: 'yaml',
    yml: 'yaml',
    toml: 'toml',
    sh: 'bash',
    js: 'javascript',
    ts: 'typescript',
    css: 'css',
    sql: 'sql',
    r: 'r',
    xml: 'xml',
    diff: 'diff',
    patch: 'diff'
  };
  const name = path.split('/').pop() ?? '';
  const ending = extension(path);
  return name === 'MLmodel' ? 'yaml' : Object.hasOwn(languages, ending) ? languages[ending] : '';
}

/** A name as it may be shown: without characters that control or reorder what stands around them. */
export function shownName(name: string): string {
  return name.replace(
    /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    '\ufffd'
  );
}
