// A stranger with the OpenAPI document and a great deal of patience: schemathesis asks every operation what its schema allows and
// what it forbids, and finds neither a 5xx nor an answer the document does not know. FUZZ_EXAMPLES and FUZZ_SEED make it longer.
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SqlPool } from '#db/sql.ts';
import { findSchemathesis, runSchemathesis } from '#scripts/schemathesis.ts';
import { makeToken, startTestDesk } from '#test/support/desk.ts';
import type { TestDesk } from '#test/support/desk.ts';

const EXAMPLES = Number(process.env['FUZZ_EXAMPLES'] ?? 3);
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_123);
const LIMIT_MS = 540_000 + EXAMPLES * 20_000;

const found = await findSchemathesis();
const why = 'missing' in found ? ` (NOT RUN: ${found.missing})` : '';

describe.skipIf('missing' in found)(`the API under schemathesis${why}`, () => {
  let desk: TestDesk;
  let server: ReturnType<typeof serve>;
  let url: string;
  let folder: string;
  beforeAll(async () => {
    desk = await startTestDesk();
    folder = await mkdtemp(join(tmpdir(), 'holdfast-fuzz-'));
    await new Promise<void>((resolve) => {
      server = serve({ fetch: desk.app.fetch, hostname: '127.0.0.1', port: 0 }, () => resolve());
    });
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await giveItSomethingToFind(desk);
  }, 120_000);
  afterAll(async () => {
    server.close();
    await desk.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it(
    `finds nothing (seed ${SEED}, ${EXAMPLES} random requests per operation)`,
    async () => {
      if ('missing' in found) return;
      const apiKey = await makeToken(desk.sql, desk.adminId, ['read', 'write', 'admin']);
      await keepOutOfHarmsWay(desk.sql, desk.adminId);
      const ask = { url, apiKey, examples: EXAMPLES, seed: SEED, folder };
      const { clean, summary, output } = await runSchemathesis(found.command, ask);
      if (!clean) process.stderr.write(`${output}\n`);
      else process.stderr.write(`${summary}\n`);
      expect({ clean, summary }).toMatchObject({ clean: true });
      // A key that had been revoked, or an admin who is none any more, would have made every later answer a 401 or 403.
      const answer = await fetch(`${url}/api/v1/settings`, {
        method: 'PATCH',
        headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
        body: '{}',
      });
      expect(answer.status).toBe(200);
    },
    LIMIT_MS,
  );
});

/** One of each thing, so that random walks start from ids that exist. */
async function giveItSomethingToFind(desk: TestDesk): Promise<void> {
  const agent = await desk.addUser('agent');
  await desk.call('POST', '/api/v1/teams', { name: 'Support', members: [{ userId: agent }] });
  for (const subject of ['One', 'Two', 'Three']) {
    const requester = { email: `${subject.toLowerCase()}@customer.test`, name: subject };
    const { id } = await desk.call('POST', '/api/v1/tickets', {
      subject,
      body: subject,
      requester,
    });
    await desk.call('POST', `/api/v1/tickets/${id}/replies`, { body: 'Hello' });
    await desk.call('POST', `/api/v1/tickets/${id}/notes`, { body: 'Hm' });
  }
}

/**
 * What the fuzzer must not be able to do, since the run would go on without meaning: end its own key or its user's rights, and
 * have mail servers of random names called.
 */
async function keepOutOfHarmsWay(sql: SqlPool, adminId: string): Promise<void> {
  await sql`create function keep_admin() returns trigger language plpgsql as
    'begin new.role := ''admin''; new.active := true; return new; end'`;
  await sql.unsafe(`create trigger keep_admin before update on users for each row
    when (old.id = '${adminId}') execute function keep_admin()`);
  await sql`create function keep_keys() returns trigger language plpgsql as
    'begin new.revoked_at := null; return new; end'`;
  await sql`create trigger keep_keys before update on api_keys for each row execute function keep_keys()`;
  await sql`create function call_nobody() returns trigger language plpgsql as
    'begin new.settings := new.settings - ''imap'' - ''smtp''; return new; end'`;
  await sql`create trigger call_nobody before insert or update on channels for each row execute function call_nobody()`;
}
