import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const unwanted = [
  {
    selector: 'TSEnumDeclaration',
    message: 'Use a union of strings made from an `as const` object.',
  },
  { selector: 'ExportDefaultDeclaration', message: 'Export by name.' },
];

/**
 * Mocha requires a test's file, and imports it only if that fails, as it does with these two. What is
 * imported gets modules of its own: the tests of one process would meet two of each, and which of
 * them depends on how the files are spread over processes.
 */
const notInTests = [
  {
    selector: 'MemberExpression[object.type="MetaProperty"][property.name="resolve"]',
    message: 'Use new URL(path, import.meta.url) or createRequire: this has the file loaded twice.',
  },
  {
    selector:
      ':matches(Program > ExpressionStatement, Program > VariableDeclaration > *) > AwaitExpression',
    message: 'Wait in before(): an await out here has the file loaded twice.',
  },
];

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', 'coverage/**'] },
  {
    files: ['**/*.{js,cjs}'],
    ignores: ['shared/web/dashboard/**'],
    extends: [js.configs.recommended],
    languageOptions: {
      globals: { process: 'readonly', console: 'readonly', URL: 'readonly', module: 'writable' },
    },
  },
  {
    files: ['**/*.ts'],
    extends: [
      js.configs.recommended,
      tseslint.configs.strictTypeChecked,
      tseslint.configs.stylisticTypeChecked,
    ],
    languageOptions: {
      parserOptions: {
        projectService: true,
        tsconfigRootDir: new URL('..', import.meta.url).pathname,
      },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/consistent-type-definitions': 'off',
      'no-restricted-syntax': ['error', ...unwanted],
      'max-lines': ['error', { max: 500 }],
      'max-lines-per-function': ['error', { max: 80, skipComments: true, skipBlankLines: true }],
      'max-params': ['error', { max: 4 }],
    },
  },
  {
    // Runs in browsers as it stands; tsc reads its types from comments.
    files: ['shared/web/dashboard/*.{js,ts}'],
    extends: [
      js.configs.recommended,
      tseslint.configs.strictTypeChecked,
      tseslint.configs.stylisticTypeChecked,
    ],
    languageOptions: {
      parserOptions: {
        projectService: false,
        project: '.config/tsconfig.dashboard.json',
        tsconfigRootDir: new URL('..', import.meta.url).pathname,
      },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      'max-lines': ['error', { max: 300 }],
      'max-lines-per-function': ['error', { max: 80, skipComments: true, skipBlankLines: true }],
      'max-params': ['error', { max: 4 }],
    },
  },
  {
    files: ['test/**/*.ts', '**/*.test.ts'],
    rules: {
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-empty-function': 'off',
    },
  },
  {
    files: ['{launcher,builder,shared}/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { name: 'node:async_hooks', message: 'Makes all promises of Node 20 nine times as slow.' },
      ],
    },
  },
  {
    files: ['test/**/*.test.ts', 'test/support/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...unwanted, ...notInTests] },
  },
);
