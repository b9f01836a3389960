// The dev server on a file that keeps fewer indexes than its own: it finds what it found before.
import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import sqlite from 'node-sqlite3-wasm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTemporal } from '#scripts/dev-temporal.ts';
import { placeLeanFile } from '#scripts/temporal-file.ts';
import { findTemporalCli } from '#scripts/temporal-cli.ts';
import { eventually } from '#test/support/poll.ts';
import { SEARCH_ATTRIBUTES } from '#workflows/messages.ts';

let folder: string;
let cache: string;
const kept = {
  HOLDFAST_CACHE: process.env['HOLDFAST_CACHE'],
  TEMPORAL_CLI_PATH: process.env['TEMPORAL_CLI_PATH'],
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-lean-'));
  cache = join(folder, 'cache');
  process.env['TEMPORAL_CLI_PATH'] = await findTemporalCli(() => undefined);
  process.env['HOLDFAST_CACHE'] = cache;
});
afterAll(async () => {
  for (const [name, value] of Object.entries(kept)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  await rm(folder, { recursive: true, force: true });
});

it('lists tickets by their search attributes, new ones and those that have changed since', async () => {
  const said: string[] = [];
  const say = (line: string): void => void said.push(line);
  const temporal = await startTemporal({ folder, file: 'temporal.db', say });
  const connection = await Connection.connect({ address: temporal.address });
  try {
    const { workflow } = new Client({ connection });
    for (const [workflowId, status] of [
      ['ticket-1', 'new'],
      ['ticket-2', 'closed'],
    ] as const) {
      await workflow.start('ticket', {
        ...{ workflowId, taskQueue: 'nobody', args: [] },
        typedSearchAttributes: [
          { key: SEARCH_ATTRIBUTES.status, value: status },
          { key: SEARCH_ATTRIBUTES.policyVersion, value: 3 },
        ],
      });
    }
    const found = async (query: string): Promise<string[]> => {
      const ids: string[] = [];
      for await (const one of workflow.list({ query })) ids.push(one.workflowId);
      return ids;
    };
    await eventually(async () => expect(await found('PolicyVersion = 3')).toHaveLength(2));
    expect(await found("TicketStatus = 'new'")).toEqual(['ticket-1']);
    await workflow.getHandle('ticket-2').terminate();
    const ended = "ExecutionStatus = 'Terminated' and TicketStatus = 'closed'";
    await eventually(async () => expect(await found(ended)).toEqual(['ticket-2']));
    expect(said).toEqual([]);
  } finally {
    await connection.close();
    await temporal.stop();
  }
});

it('keeps the index of the order and the one of workflow ids and no others, and the full text as exact as before', async () => {
  const path = join(folder, 'copy.db');
  const [made = '', ...more] = await readdir(cache);
  expect(more).toEqual([]);
  await copyFile(join(cache, made), path);
  const database = new sqlite.Database(path);
  try {
    const names = database
      .all(
        "select name from sqlite_master where type = 'index' and tbl_name = 'executions_visibility' and sql is not null",
      )
      .map(({ name }) => (typeof name === 'string' ? name : ''));
    expect(names.toSorted()).toEqual(['by_workflow_id', 'default_idx']);
    const write = (attributes: object): void => {
      database.run(
        `insert into executions_visibility (namespace_id, run_id, start_time, execution_time, workflow_id, workflow_type_name,
          status, encoding, search_attributes) values ('n', 'r', '2026-01-01', '2026-01-01', 'w', 'ticket', 1, '', ?)
        on conflict (namespace_id, run_id) do update set search_attributes = excluded.search_attributes`,
        [JSON.stringify(attributes)],
      );
    };
    const patched = (patch: string): number =>
      database.all(
        'select rowid from executions_visibility_fts_keyword_list where TemporalChangeVersion match ?',
        [patch],
      ).length;
    write({});
    write({ TemporalChangeVersion: 'first' });
    write({ TemporalChangeVersion: 'first', Keyword01: 'open' });
    expect(patched('first')).toBe(1);
    write({ TemporalChangeVersion: 'second' });
    expect([patched('first'), patched('second')]).toEqual([0, 1]);
    database.exec(
      "insert into executions_visibility_fts_keyword_list (executions_visibility_fts_keyword_list) values ('integrity-check')",
    );
  } finally {
    database.close();
  }
});

it('a server starts on a file of its own making where none can be kept, and says so', async () => {
  // Below a file nobody makes a folder, not even root.
  process.env['HOLDFAST_CACHE'] = join(process.execPath, 'cache');
  const said: string[] = [];
  const own = join(folder, 'own');
  const temporal = await startTemporal({
    ...{ folder: own, file: 'temporal.db', say: (line) => void said.push(line) },
  });
  await temporal.stop();
  expect(said.join()).toMatch(/stays as the server makes it, which is slower: ENOTDIR/);
  expect(await readdir(own)).not.toContain('temporal.db.making');
});

it('the log of a file that is gone is not played into a new one', async () => {
  process.env['HOLDFAST_CACHE'] = cache;
  const again = join(folder, 'again');
  await mkdir(again);
  await writeFile(join(again, 'temporal.db-wal'), 'of another file');
  await placeLeanFile(join(again, 'temporal.db'), {
    name: async () => (await readdir(cache))[0] ?? '',
    make: () => Promise.reject(new Error('is kept already')),
    say: (line) => expect(line).toBe(''),
  });
  expect(await readdir(again)).toEqual(['temporal.db']);
});
