// Who may REACH whom, over any number of imports: what single edges (.oxlintrc.json) cannot show. Proved by test/architecture.
module.exports = {
  forbidden: [
    {
      name: 'pure-code-reaches-no-io',
      severity: 'error',
      from: { path: '(^|/)(domain|workflows)/' },
      to: { path: '(^|/)(accounts|db|api|worker|channels|temporal|scripts)/', reachable: true },
    },
    {
      name: 'pure-code-reaches-no-node-module',
      severity: 'error',
      from: { path: '(^|/)(domain|workflows)/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'workflows-know-only-the-contract-of-activities',
      severity: 'error',
      from: { path: '(^|/)workflows/' },
      // contract.ts holds types alone and is the one file of activities that workflows know.
      to: { path: '(^|/)activities/(?!contract[.]ts)' },
    },
    {
      name: 'the-workspace-takes-only-types-from-the-desk',
      severity: 'error',
      from: { path: '^(test/architecture/fixtures/)?ui/' },
      to: {
        path: '^(test/architecture/fixtures/)?(accounts|db|api|worker|workflows|activities|channels|temporal|scripts)/',
        // Types alone; oxlint sees to it that nothing else of the API is imported.
        pathNot: '^api/wire-types[.]ts$',
      },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    exclude: { path: 'node_modules' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.mjs', '.js'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node'],
    },
  },
};
