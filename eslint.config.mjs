import jupyter from '@jupyter/eslint-plugin';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

// The recommended Jupyter rules come partly as warnings; here each of them fails the check.
const [jupyterCode, jupyterSchema] = jupyter.configs.recommended;
const strict = rules => Object.fromEntries(Object.keys(rules).map(name => [name, 'error']));

export default tseslint.config(
  {
    ignores: [
      '.clients',
      '.venv',
      '.yarn',
      'docs/_build',
      'labextension/dist',
      'labextension/lib',
      'node_modules',
      'playwright-report',
      'test-results',
      'widgets/trackside/static'
    ]
  },
  ...tseslint.configs.recommended,
  {
    ...jupyterCode,
    files: ['labextension/src/**/*.{ts,tsx}'],
    ignores: ['**/__tests__/**', 'labextension/src/shared/**'],
    plugins: { ...jupyterCode.plugins, jupyter },
    rules: {
      ...strict(jupyterCode.rules),
      // What they are made of is loaded at the start by the model anyway.
      'jupyter/prefer-lazy-imports': [
        'error',
        { ignoreImports: ['../components/notices', './opened', './target'] }
      ]
    }
  },
  {
    // The views that are also drawn outside JupyterLab take a translator all the same.
    files: ['{labextension/src/shared,widgets/frontend}/**/*.{ts,tsx}'],
    ignores: ['**/__tests__/**'],
    plugins: { jupyter },
    rules: {
      'jupyter/no-dynamic-translation': 'error',
      'jupyter/no-translation-concatenation': 'error',
      'jupyter/no-untranslated-string': 'error'
    }
  },
  {
    ...jupyterSchema,
    files: ['labextension/schema/*.json'],
    plugins: { ...jupyterSchema.plugins, jupyter },
    rules: strict(jupyterSchema.rules)
  },
  {
    files: ['labextension/src/**/*.{ts,tsx}'],
    ignores: ['**/__tests__/**'],
    languageOptions: {
      parserOptions: { project: 'labextension/tsconfig.json', tsconfigRootDir: import.meta.dirname }
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }]
    }
  },
  {
    files: ['**/*.{ts,tsx,js,mjs}'],
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { args: 'none' }],
      curly: ['error', 'all'],
      eqeqeq: 'error',
      'no-console': 'error',
      'prefer-arrow-callback': 'error'
    }
  },
  {
    files: ['tests/lab/**/*.ts'],
    // What REST and JupyterLab's commands answer is JSON, judged by the assertions.
    rules: { '@typescript-eslint/no-explicit-any': 'off' }
  },
  prettier
);
