// Mutation testing: `npm run mutation`, see docs/mutation.md.
export default {
  // What decides a verdict: one pair by its policies, the flat index, and the sets both are made of.
  mutate: [
    'src/engine/pair/**/*.ts',
    'src/engine/index/**/*.ts',
    'src/model/{connection-set,interval-set,address,selector}.ts',
  ],
  testRunner: 'bundled-tests',
  plugins: ['./scripts/mutation/runner.mjs'],
  buildCommand: 'node scripts/mutation/bundle.mjs',
  coverageAnalysis: 'perTest',
  concurrency: 1,
  // A mutant that never ends: a look at everything takes some seconds.
  timeoutMS: 5_000,
  timeoutFactor: 1,
  ignorePatterns: ['dist', '.tap', 'coverage', 'reports', 'bench', 'docs', 'demo'],
  tempDirName: '.stryker-tmp',
  reporters: ['dots', 'clear-text', 'json', 'html'],
  clearTextReporter: { reportTests: false, allowColor: false },
  jsonReporter: { fileName: 'reports/mutation.json' },
  htmlReporter: { fileName: 'reports/mutation.html' },
  disableTypeChecks: false,
  allowEmpty: false,
};
