import { quoted } from './python';

/** Flavors of MLflow whose module has a `load_model` of its own. */
const FLAVORS = new Set([
  'catboost',
  'dspy',
  'h2o',
  'keras',
  'langchain',
  'lightgbm',
  'onnx',
  'openai',
  'paddle',
  'pmdarima',
  'prophet',
  'pytorch',
  'sentence_transformers',
  'sklearn',
  'spacy',
  'spark',
  'statsmodels',
  'tensorflow',
  'transformers',
  'xgboost'
]);

/** The address of a version of a model: by an alias when it has one, else by its number. */
export function modelUri(name: string, version: string | null, aliases: readonly string[]): string {
  const alias = aliases.includes('production') ? 'production' : aliases[0];
  if (alias) {
    return `models:/${name}@${alias}`;
  }
  return `models:/${name}/${version ?? 'latest'}`;
}

/** The code that loads a model, as any model of MLflow or as what it was before it was logged. */
export function loadSnippet(uri: string, flavor = 'pyfunc'): string {
  const module = FLAVORS.has(flavor) ? flavor : 'pyfunc';
  return ['import mlflow', '', `model = mlflow.${module}.load_model(${quoted(uri)})`].join('\n');
}

/** The flavors that have code of their own to load them. */
export function loadableFlavors(flavors: readonly string[]): string[] {
  return flavors.filter(flavor => FLAVORS.has(flavor));
}
