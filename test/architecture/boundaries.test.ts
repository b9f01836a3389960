// The boundaries between folders hold, and every gate that watches them is proved able to fail on planted faults.
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

interface Cruise {
  summary: { totalCruised: number; violations: { rule: { name: string }; from: string }[] };
}

const FOLDERS = [
  'accounts',
  'domain',
  'workflows',
  'activities',
  'db',
  'channels',
  'temporal',
  'api',
  'worker',
  'ui/src',
];

function cruise(paths: string[]): Cruise['summary'] {
  const args = [
    'depcruise',
    '--config',
    '.dependency-cruiser.cjs',
    '--output-type',
    'json',
    ...paths,
  ];
  const run = spawnSync('npx', args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  return (JSON.parse(run.stdout) as Cruise).summary;
}

describe('reach', () => {
  it('no pure code reaches the outside world, and there are no cycles', () => {
    const summary = cruise(FOLDERS);
    expect(summary.totalCruised).toBeGreaterThan(60);
    expect(summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`)).toEqual([]);
  });

  it('the gate fails on planted faults, over a chain of imports too', () => {
    const { violations } = cruise(['test/architecture/fixtures']);
    const names = new Set(violations.map(({ rule }) => rule.name));
    expect(names).toContain('pure-code-reaches-no-io');
    expect(names).toContain('pure-code-reaches-no-node-module');
    expect(names).toContain('workflows-know-only-the-contract-of-activities');
    expect(names).toContain('the-workspace-takes-only-types-from-the-desk');
  });
});

describe('lint', () => {
  it('catches what stalls tickets: a floating activity call and an async update validator', () => {
    const args = [
      'oxlint',
      '--type-aware',
      '--format=unix',
      '-c',
      'test/architecture/fixtures.oxlintrc.json',
      'test/architecture/fixtures/workflows',
    ];
    const run = spawnSync('npx', args, { encoding: 'utf8' });
    expect(run.status).not.toBe(0);
    expect(run.stdout).toContain('no-floating-promises');
    expect(run.stdout).toContain('no-misused-promises');
    expect(run.stdout).toContain('no-restricted-imports');
  });
});
