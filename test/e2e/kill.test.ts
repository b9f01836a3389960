// The desk as a user starts it, under load, while its processes are killed one after another: every mail becomes exactly one
// ticket, every reply leaves exactly once, and every ticket agrees with its workflow.
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import nodemailer from 'nodemailer';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createClient } from '#temporal/connect.ts';
import { eventually } from '#test/support/poll.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const data = mkdtempSync(join(tmpdir(), 'holdfast-e2e-'));
const ROUNDS = Number(process.env['KILL_ROUNDS'] ?? 4);
let desk: ChildProcess;
let demo: { url: string; smtpPort: number; supportAddress: string; adminApiKey: string };
let output = '';

async function start(): Promise<void> {
  rmSync(join(data, 'demo.ready'), { force: true });
  output = '';
  desk = spawn(process.execPath, ['scripts/start.mjs'], {
    cwd: ROOT,
    env: {
      ...process.env,
      HOLDFAST_DATA: data,
      PORT: '0',
      SMTP_IN_PORT: '0',
      TEMPORAL_UI_PORT: '0',
      VITEST: '',
    },
  });
  for (const stream of [desk.stdout, desk.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await eventually(() => expect(output).toContain('Holdfast is ready'), 80_000);
  demo = JSON.parse(readFileSync(join(data, 'demo.json'), 'utf8'));
}

async function stop(): Promise<void> {
  const ended = new Promise((resolve) => desk.once('exit', resolve));
  desk.kill('SIGTERM');
  await ended;
}

beforeAll(start, 90_000);
afterAll(async () => {
  await stop();
  rmSync(data, { recursive: true, force: true });
}, 60_000);

async function call(method: string, path: string, body?: unknown, key?: string): Promise<any> {
  const response = await fetch(`${demo.url}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${demo.adminApiKey}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok)
    throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return await response.json();
}

/** Sends like a real mail server does: the same mail again until it is taken. */
async function sendMail(number: number): Promise<void> {
  await eventually(async () => {
    const transport = nodemailer.createTransport({
      host: '127.0.0.1',
      port: demo.smtpPort,
      ignoreTLS: true,
      connectionTimeout: 2_000,
      socketTimeout: 10_000,
    });
    const messageId = `<kill-${number}@load.test>`;
    await transport.sendMail({
      from: `c${number}@load.test`,
      to: demo.supportAddress,
      subject: `kill ${number}`,
      text: 'x',
      messageId,
    });
  }, 60_000);
}

/** Every ticket, page by page: ten rounds make more than one page holds. */
async function allTickets(): Promise<{ items: any[] }> {
  const items: any[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const next: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page = await call('GET', `/tickets?limit=100&sort=-id${next}`);
    items.push(...page.items);
    cursor = page.nextCursor;
  }
  return { items };
}

function pidOf(what: string): number {
  if (what !== 'postgres') {
    const file =
      what === 'temporal' ? join(data, 'temporal', 'temporal.pid') : join(data, `${what}.pid`);
    return (JSON.parse(readFileSync(file, 'utf8')) as { pid: number }).pid;
  }
  return Number(
    readFileSync(join(data, 'postgres', 'data', 'postmaster.pid'), 'utf8').split('\n')[0],
  );
}

it('kill -9 of worker, API, Temporal and Postgres in turn, under load, loses nothing and repeats nothing', async () => {
  const victims = ['worker', 'api', 'temporal', 'postgres'];
  let sent = 0;
  const replied: string[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const victim = victims[round % victims.length] ?? 'worker';
    const numbers = Array.from({ length: 12 }, () => (sent += 1));
    const load = Promise.all(numbers.map(sendMail));
    process.kill(pidOf(victim), 'SIGKILL');
    await load;
    const { items } = await eventually(
      async () => await call('GET', '/tickets?category=new&limit=3'),
      60_000,
    );
    for (const ticket of items) {
      const key = `reply-${ticket.id}`;
      const message = await eventually(
        () => call('POST', `/tickets/${ticket.id}/replies`, { body: 'answer' }, key),
        60_000,
      );
      replied.push(message.id);
    }
  }
  const tickets = await eventually(async () => {
    const page = await allTickets();
    expect(page.items.filter((ticket: any) => ticket.version === 0)).toEqual([]);
    expect(page.items).toHaveLength(sent);
    return page.items;
  }, 90_000);
  expect(new Set(tickets.map((ticket: any) => ticket.subject)).size).toBe(sent);
  const leaves = async (): Promise<void> => {
    const left = readdirSync(join(data, 'outbox')).filter((name) => name.endsWith('.eml'));
    expect(left.map((name) => name.replace('.eml', '')).toSorted()).toEqual(
      [...new Set(replied)].toSorted(),
    );
  };
  await eventually(leaves, 90_000);
  for (const ticket of tickets) {
    await eventually(async () => {
      const [row, live] = [
        await call('GET', `/tickets/${ticket.id}`),
        await call('GET', `/tickets/${ticket.id}/live`),
      ];
      expect({ version: live.version, status: live.status, assigneeId: live.assigneeId }).toEqual({
        version: row.version,
        status: row.status,
        assigneeId: row.assigneeId,
      });
    }, 60_000);
  }
}, 400_000);

it('a kill -9 of the launcher leaves orphans that the next start cleans up, with all data', async () => {
  const before = await allTickets();
  desk.kill('SIGKILL');
  // start.mjs is gone, its child is the launcher proper: that one must go as hard.
  const launcher = Number(readFileSync(join(data, 'desk.pid'), 'utf8'));
  process.kill(launcher, 'SIGKILL');
  await start();
  const after = await allTickets();
  expect(after.items.length).toBe(before.items.length);
  const servers = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(data));
  expect(servers.filter((line) => line.includes('start-dev'))).toHaveLength(1);
}, 200_000);

it('its workers keep no stack traces, which every replay after a kill would pay for, and say so', async () => {
  const { id } = await call('POST', '/tickets', {
    subject: 'x',
    requester: { email: 'x@load.test' },
  });
  const pid = String(pidOf('temporal'));
  const words = execFileSync('ps', ['-o', 'args=', '-p', pid], { encoding: 'utf8' });
  const port = /--port (\d+)/.exec(words)?.[1];
  const { client, close } = createClient({ address: `127.0.0.1:${port}` }, 'default');
  const stack = client.workflow.getHandle(`ticket-${id}`).query('__stack_trace');
  await expect(stack).rejects.toThrow(/stack traces are not enabled/);
  await close();
});
