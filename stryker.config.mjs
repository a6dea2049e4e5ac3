// Mutation testing: `npm run mutation`, see docs/mutation.md.
export default {
  // All that makes an answer of a snapshot, and the sets it is made of.
  mutate: ['src/engine/**/*.ts', 'src/model/{connection-set,interval-set,address,selector}.ts'],
  testRunner: 'bundled-tests',
  plugins: ['./scripts/mutation/runner.mjs'],
  buildCommand: 'node scripts/mutation/bundle.mjs',
  coverageAnalysis: 'perTest',
  concurrency: 1,
  // On a busy machine; what is counted takes a minute on a quiet one.
  dryRunTimeoutMinutes: 60,
  // The runner gives up what never ends; this is for when even that does not help.
  timeoutMS: 120_000,
  ignorePatterns: ['dist', '.tap', 'coverage', 'reports', 'bench', 'docs', 'demo'],
  tempDirName: '.stryker-tmp',
  reporters: ['progress-append-only', 'clear-text', 'json', 'html'],
  clearTextReporter: { reportTests: false, allowColor: false },
  jsonReporter: { fileName: 'reports/mutation.json' },
  htmlReporter: { fileName: 'reports/mutation.html' },
  disableTypeChecks: false,
  allowEmpty: false,
};
