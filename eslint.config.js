import tseslint from 'typescript-eslint';

/** Rules of the house that no plugin has: reasons are in CONTRIBUTING.md. */
const restrictedEverywhere = [
  {
    selector: "BinaryExpression[operator='in'][left.type!='PrivateIdentifier']",
    message: 'Label keys such as `constructor` are found by `in`: use a Map, or Object.hasOwn.',
  },
  {
    selector: 'MemberExpression[computed=true][object.property.name=/[lL]abels$/]',
    message: 'Labels live in Maps: a key may be `__proto__`.',
  },
  {
    selector: 'MemberExpression[computed=true][object.name=/[lL]abels$/]',
    message: 'Labels live in Maps: a key may be `__proto__`.',
  },
  { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
  {
    selector: 'ExportAllDeclaration',
    message: 'No barrels: import from the file that defines it.',
  },
  { selector: 'TSEnumDeclaration', message: 'Use a union of strings or an `as const` table.' },
  {
    selector: 'StaticBlock',
    message: 'Shared instances are module constants, never static initialisers.',
  },
];

/** The pure core has no clock, no randomness, no input or output, and nothing asynchronous. */
const restrictedInPureCode = [
  { selector: ':function[async=true]', message: 'Model, engine and render are synchronous.' },
  {
    selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']",
    message: 'No randomness here: same snapshot and arguments, same bytes.',
  },
  {
    selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
    message: 'No clock here: pass the time in.',
  },
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: 'No clock here: pass the time in.',
  },
];

export default tseslint.config(
  {
    ignores: [
      'node_modules/',
      'dist/',
      '.tap/',
      'coverage/',
      '.stryker-tmp/',
      'reports/',
      'src/http/graphql/generated.ts',
    ],
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { project: ['./test/tsconfig.json'], tsconfigRootDir: import.meta.dirname },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      'no-var': 'error',
      'object-shorthand': 'error',
      'prefer-const': 'error',
      'no-param-reassign': 'error',
      complexity: ['error', 20],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'max-lines': ['error', 400],
      'max-lines-per-function': ['error', { max: 70, skipComments: true, skipBlankLines: true }],
      'max-params': ['error', 5],
      'no-restricted-syntax': ['error', ...restrictedEverywhere],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
    },
  },
  {
    files: ['src/model/**/*.ts', 'src/engine/**/*.ts', 'src/render/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', 'process', 'fetch', 'setTimeout', 'setInterval'],
      'no-restricted-syntax': ['error', ...restrictedEverywhere, ...restrictedInPureCode],
    },
  },
  {
    // Typed arrays and byte scanners: every index is in bounds by construction, and the loops are
    // where the time goes.
    files: ['src/engine/index/**/*.ts', 'src/engine/overlay/**/*.ts', 'src/manifest/read/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/prefer-for-of': 'off',
      'max-params': ['error', 6],
      complexity: ['error', 30],
    },
  },
  {
    files: ['src/cli/**/*.ts', 'scripts/**/*.ts', 'bench/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    // tap waits for subtests by itself, and what an answer says is looked at as plain JSON.
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    rules: {
      '@typescript-eslint/no-floating-promises': 'off',
      '@typescript-eslint/no-misused-promises': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      complexity: 'off',
    },
  },
  {
    files: ['**/*.mjs', '**/*.js'],
    languageOptions: { sourceType: 'module' },
    rules: {
      eqeqeq: 'error',
      'no-var': 'error',
      'object-shorthand': 'error',
      'prefer-const': 'error',
      'no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'no-unreachable': 'error',
    },
  },
);
