import { describe, expect, it } from 'vitest';

import { readModelFile } from '../mlmodel';

const FILE = `artifact_path: model
flavors:
  python_function:
    loader_module: mlflow.sklearn
  sklearn:
    pickled_model: model.pkl
mlflow_version: 3.1.0
saved_input_example_info:
  artifact_path: input_example.json
signature:
  inputs: '[{"type": "double", "name": "sepal length (cm)", "required": true}, {"type":
    "array", "items": {"type": "string"}, "name": "words", "required": false}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1, 2]}}]'
  params: '[{"name": "temperature", "type": "float", "default": 0.5, "shape": null}]'
`;

describe('The file MLmodel', () => {
  it('says what a model takes and gives, also where texts are folded', () => {
    expect(readModelFile(FILE)).toEqual({
      inputs: [
        { name: 'sepal length (cm)', type: 'double', isRequired: true },
        { name: 'words', type: 'array of string', isRequired: false }
      ],
      outputs: [{ name: '', type: 'tensor int64 (-1, 2)', isRequired: true }],
      params: [{ name: 'temperature', type: 'float', isRequired: false }],
      example: 'input_example.json',
      servingExample: null,
      flavors: ['python_function', 'sklearn'],
      mlflow: '3.1.0'
    });
  });

  it('is read whatever is in it', () => {
    expect(readModelFile('- a\n- b')).toBe(null);
    expect(readModelFile('a: [')).toBe(null);
    expect(readModelFile('a: !!js/function "() => 1"')).toBe(null);
    expect(readModelFile('signature: 3\nflavors: [a]')?.inputs).toEqual([]);
    expect(readModelFile('signature:\n  inputs: \'[1, null, {"type": 3}]\'')?.inputs).toEqual([
      { name: '#1', type: '?', isRequired: true }
    ]);
    // References are not unfolded.
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]'];
    for (let at = 0; at < 20; at += 1) {
      const before = String.fromCharCode(97 + at);
      bomb.push(
        `${String.fromCharCode(98 + at)}: &${String.fromCharCode(98 + at)} [${Array(9).fill(`*${before}`).join(',')}]`
      );
    }
    expect(readModelFile(bomb.join('\n'))?.flavors).toEqual([]);
  });

  it('names examples beside it and never a way out of its folder', () => {
    for (const path of ['../secret', 'a/../../b', '/etc/passwd', '..\\x', '']) {
      const text = `saved_input_example_info:\n  artifact_path: ${JSON.stringify(path)}`;
      expect(readModelFile(text)?.example).toBe(null);
    }
  });
});
