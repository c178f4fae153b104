import { FAILSAFE_SCHEMA, load } from 'js-yaml';

/** The largest file that is read. */
export const MAX_MLMODEL = 1024 * 1024;

/** How many columns of a signature are shown at most. */
const MAX_COLUMNS = 500;

/** A column or tensor that a model takes or gives. */
export interface IField {
  name: string;
  type: string;
  isRequired: boolean;
}

/** What the file `MLmodel` says about a model. */
export interface IModelFile {
  inputs: IField[];
  outputs: IField[];
  params: IField[];
  /** Where the input example is, beside the file. */
  example: string | null;
  /** The one that requests to a server have the form of. */
  servingExample: string | null;
  flavors: string[];
  mlflow: string;
}

/**
 * Read a file `MLmodel`, whatever is in it.
 *
 * Everything in it is read as text, so that nothing in it can become anything else, and references
 * stay references.
 */
export function readModelFile(text: string): IModelFile | null {
  let root: unknown;
  try {
    root = load(text, { schema: FAILSAFE_SCHEMA });
  } catch {
    return null;
  }
  if (!isObject(root)) {
    return null;
  }
  const signature = isObject(root.signature) ? root.signature : {};
  const example = isObject(root.saved_input_example_info) ? root.saved_input_example_info : {};
  return {
    inputs: fields(signature.inputs),
    outputs: fields(signature.outputs),
    params: fields(signature.params),
    example: fileName(example.artifact_path),
    servingExample: fileName(example.serving_input_path),
    flavors: isObject(root.flavors) ? Object.keys(root.flavors).slice(0, 20) : [],
    mlflow: typeof root.mlflow_version === 'string' ? root.mlflow_version : ''
  };
}

function fields(json: unknown): IField[] {
  let found: unknown;
  try {
    found = typeof json === 'string' ? JSON.parse(json) : null;
  } catch {
    return [];
  }
  return Array.isArray(found) ? found.slice(0, MAX_COLUMNS).filter(isObject).map(toField) : [];
}

function toField(item: Record<string, unknown>, at: number): IField {
  const name = typeof item.name === 'string' ? item.name : '';
  return {
    name: name || (item.type === 'tensor' ? '' : `#${at + 1}`),
    type: typeWords(item, 0),
    isRequired: item.required !== false && item.default === undefined
  };
}

/** A type in a few words: `long`, `tensor float32 (-1, 8, 8)`, `array of string`. */
function typeWords(item: Record<string, unknown>, depth: number): string {
  const spec = item['tensor-spec'];
  if (isObject(spec)) {
    const shape = Array.isArray(spec.shape) ? spec.shape.join(', ') : '';
    return `tensor ${word(spec.dtype)} (${shape})`;
  }
  const type = word(item.type) || word(item.dtype) || '?';
  if (type === 'array' && isObject(item.items) && depth < 4) {
    return `array of ${typeWords(item.items, depth + 1)}`;
  }
  if (type === 'object' && isObject(item.properties)) {
    return `object (${Object.keys(item.properties).slice(0, 8).join(', ')})`;
  }
  return type;
}

// A name beside the file, never a way out of its folder.
function fileName(value: unknown): string | null {
  const isSafe =
    typeof value === 'string' && value !== '' && !/^\/|(^|[/\\])\.\.([/\\]|$)/.test(value);
  return isSafe ? value : null;
}

function word(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 60) : '';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
