// npm run fuzz:api [examples per operation] [seed]: a longer schemathesis run than the tests do, against a desk of its own.
import { spawn } from 'node:child_process';
import { findSchemathesis } from './schemathesis.ts';

async function main(): Promise<void> {
  const [examples = '50', seed = String(Date.now() % 1_000_000)] = process.argv.slice(2);
  const found = await findSchemathesis();
  if ('missing' in found) throw new Error(`schemathesis cannot run here: ${found.missing}`);
  console.log(`${examples} examples per operation, seed ${seed}`);
  const child = spawn(
    'npx',
    ['vitest', 'run', '--project', 'stack', 'test/api/schemathesis.test.ts'],
    {
      stdio: 'inherit',
      env: { ...process.env, FUZZ_EXAMPLES: examples, FUZZ_SEED: seed },
    },
  );
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
