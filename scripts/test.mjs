// npm test: every check and every test, with one line at the end that says how many passed. --fast leaves out what needs servers.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureInstalled } from './install.mjs';

ensureInstalled();
const fast = process.argv.includes('--fast');
/** @type {[string, string[], string][]} */
const checks = [
  ['format', ['npx', 'oxfmt', '--check'], 'npm run format'],
  ['lint', ['npx', 'oxlint', '--type-aware'], 'npm run lint'],
  ['types', ['npx', 'tsc', '--noEmit'], 'npm run typecheck'],
  ['dead code', ['npx', 'knip'], 'npm run deadcode'],
];
let passed = 0;
let failed = 0;
let skipped = 0;

for (const [name, [command, ...args], fix] of checks) {
  const run = spawnSync(command, args, { encoding: 'utf8' });
  if (run.status === 0) {
    passed += 1;
    console.log(`ok      ${name}`);
  } else {
    failed += 1;
    console.log(
      `${run.stdout ?? ''}${run.stderr ?? ''}\nFAILED  ${name}: see above; try \`${fix}\``,
    );
  }
}

const folder = mkdtempSync(join(tmpdir(), 'holdfast-report-'));
const report = join(folder, 'report.json');
const args = [
  'vitest',
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
];
if (fast) args.push('--project', 'pure');
const run = spawnSync('npx', args, { stdio: 'inherit' });
try {
  const result = JSON.parse(readFileSync(report, 'utf8'));
  passed += result.numPassedTests;
  failed += result.numFailedTests;
  skipped += result.numPendingTests + result.numTodoTests;
  if (result.numTotalTests === 0) failed += 1;
  // A file that could not even be loaded has no tests to count, and still must not pass.
  if (run.status !== 0 && result.numFailedTests === 0) failed += 1;
} catch {
  failed += 1;
  console.log('FAILED  vitest gave no report; try `npx vitest run`');
}
rmSync(folder, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exit(failed > 0 ? 1 : 0);
