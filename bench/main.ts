// npm run bench: the budgets of the design, as ratios in one run where there is something to compare with. Prints a table, or JSON
// with --json; --only <name>[,<name>] runs some; --full adds figures that take minutes. Each measurement has its own servers.
import { parseArgs } from 'node:util';
import { loadAverage, rowOf, showTable } from './report.ts';
import type { Bench, Finding, Row } from './report.ts';

/** Loaded one by one: a measurement does not depend on what another one needs. */
const BENCHES: Record<string, () => Promise<Bench>> = {
  domain: async () => (await import('./domain.ts')).domain,
  inbound: async () => (await import('./inbound.ts')).inbound,
  'agent-actions': async () => (await import('./agent-actions.ts')).agentActions,
  'sla-storm': async () => (await import('./sla-storm.ts')).slaStorm,
  'mail-storm': async () => (await import('./mail-storm.ts')).mailStorm,
  rollout: async () => (await import('./rollout.ts')).rollout,
  simulate: async () => (await import('./simulate.ts')).simulate,
  workspace: async () => (await import('./workspace.ts')).workspace,
  lists: async () => (await import('./lists.ts')).lists,
  memory: async () => (await import('./memory.ts')).memory,
  'kill-stall': async () => (await import('./kill-stall.ts')).killStall,
  'worker-restart': async () => (await import('./worker-restart.ts')).workerRestart,
  'start-time': async () => (await import('./start-time.ts')).startTime,
};

const undos: (() => Promise<unknown>)[] = [];

/** Undoes what measurements have left, newest first; one that fails is told and does not keep the others. */
async function undoAll(): Promise<void> {
  for (let undo = undos.pop(); undo !== undefined; undo = undos.pop()) {
    await undo().catch((error: unknown) => console.error(error));
  }
}

const KNOWN = Object.keys(BENCHES).join(', ');
const USAGE = `npm run bench -- [--only <name>[,<name>]] [--full] [--json]
Measurements: ${KNOWN}.`;

interface Asked {
  names: string[];
  full: boolean;
  asJson: boolean;
}

/** What the command line asks for; null when it asks what it may ask for. Throws one sentence on what it may not. */
function readArguments(): Asked | null {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      full: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const names = values.only?.split(',') ?? Object.keys(BENCHES);
  const unknown = names.filter((name) => BENCHES[name] === undefined);
  if (unknown.length > 0) {
    throw new Error(`There is no measurement "${unknown.join(', ')}". There are: ${KNOWN}.`);
  }
  return { names, full: values.full, asJson: values.json };
}

/** One measurement with what it leaves behind undone. */
async function runBench(name: string, full: boolean, rows: Row[]): Promise<void> {
  const bench = await BENCHES[name]?.();
  if (bench === undefined) return;
  console.error(`${name}: ${bench.about} (load average ${loadAverage()})`);
  const add = (finding: Finding): void => {
    const row = rowOf(name, finding);
    rows.push(row);
    console.error(
      `  ${[row.what, row.measured, row.ratio, row.verdict].filter(Boolean).join(': ')}`,
    );
  };
  const say = (line: string): void => console.error(`    ${line}`);
  try {
    await bench.run({ full, add, say, defer: (undo) => void undos.push(undo) });
  } finally {
    await undoAll();
  }
}

async function main(): Promise<void> {
  const asked = readArguments();
  if (asked === null) return console.log(USAGE);
  const rows: Row[] = [];
  const failed: string[] = [];
  for (const name of asked.names) {
    await runBench(name, asked.full, rows).catch((error: unknown) => {
      // The others still say something; the run as a whole has failed.
      console.error(error);
      failed.push(name);
    });
  }
  if (asked.asJson) {
    const machine = { node: process.version, loadAverage: loadAverage() };
    console.log(JSON.stringify({ machine, failed, rows }, null, 2));
  } else console.log(`\n${showTable(rows)}\n\nload average ${loadAverage()}`);
  if (failed.length > 0) throw new Error(`These could not be measured: ${failed.join(', ')}.`);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void undoAll().then(() => process.exit(130)));
}
main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
