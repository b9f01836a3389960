// A mailbox whose server says no: no mail is passed by that the server may still hand out, and none holds up the others for ever.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readMailbox } from '#channels/email/imap-mailbox.ts';
import { insertChannel } from '#db/channels.ts';
import { startTestDesk } from '#test/support/desk.ts';
import type { TestDesk } from '#test/support/desk.ts';
import { startImapServer } from '#test/support/imap-server.ts';
import type { ImapServer, Refuses } from '#test/support/imap-server.ts';
import { eventually } from '#test/support/poll.ts';

let desk: TestDesk;
let server: ImapServer;
let channelId: string;
let counter = 0;
beforeAll(async () => {
  desk = await startTestDesk();
});
afterAll(async () => {
  await desk.stop();
});
beforeEach(async () => {
  server = await startImapServer();
  counter += 1;
  const channel = await insertChannel(desk.sql, {
    ...{ kind: 'email', name: 'Box', address: `box${counter}@desk.test` },
    settings: {
      imap: { host: '127.0.0.1', port: server.port, secure: false, user: 'u', password: 'p' },
    },
  });
  channelId = channel?.id ?? '';
  return () => server.close();
});

function put(uid: number, more: { internalDate?: Date; from?: string } = {}): void {
  const from = more.from ?? `u${uid}@customer.test`;
  const headers = `From: ${from}\r\nSubject: Mail ${uid}\r\nMessage-ID: <${counter}-${uid}@x.test>`;
  server.mails.push({
    uid,
    source: `${headers}\r\n\r\nHello\r\n`,
    internalDate: more.internalDate ?? new Date(),
  });
}

/** Reads until what is expected has come about; answers how reading ended: by us, or by an error. */
async function read(until: () => Promise<void>): Promise<string> {
  const stop = new AbortController();
  const reading = readMailbox(
    {
      ...{ ingest: desk.ingest, clock: Date.now, pollMs: 60_000, signal: stop.signal },
      ...{ heartbeat: () => undefined, refusalPausesMs: [10, 10] },
    },
    channelId,
  ).catch((error: Error) => error.message);
  const first = await Promise.race([
    reading,
    eventually(until).then(
      () => 'seen',
      () => 'not seen',
    ),
  ]);
  stop.abort();
  await reading;
  return first;
}
interface Row {
  outcome: string;
  reason: string | null;
  sender: string | null;
  at: Date;
}
const rows = async (): Promise<Row[]> =>
  await desk.sql<Row[]>`select outcome, reason, sender, received_at as at from inbound_messages
    where channel_id = ${channelId} order by external_id`;
const cursor = async (): Promise<number> => {
  const [row] = await desk.sql<{ uid: number }[]>`
    select last_uid as uid from mailbox_cursors where channel_id = ${channelId}`;
  return row?.uid ?? 0;
};
const count = (expected: number) => async () => expect(await rows()).toHaveLength(expected);
const bodyOf =
  (uid: number, words: string): Refuses =>
  ({ name, uids, wantsBody }) =>
    name === 'FETCH' && wantsBody && uids.includes(uid) ? words : null;

describe('a mail whose body alone is refused', () => {
  it('is set aside with what the server says of it, and the next ones are read', async () => {
    put(1);
    put(2);
    put(3);
    server.refuses = bodyOf(2, 'the message could not be converted');
    expect(await read(count(3))).toBe('seen');
    expect((await rows()).filter(({ outcome }) => outcome === 'ticket')).toHaveLength(2);
    expect((await rows()).find(({ outcome }) => outcome === 'quarantined')).toMatchObject({
      sender: 'ann@customer.test',
      reason: 'unreadable: the message could not be converted',
    });
    expect(await cursor()).toBe(3);
  });

  it('for a moment is read at a further attempt', async () => {
    put(1);
    let refusals = 2;
    server.refuses = (command) => {
      if (bodyOf(1, 'x')(command) === null || refusals === 0) return null;
      refusals -= 1;
      return '[INUSE] try again';
    };
    expect(await read(count(1))).toBe('seen');
    expect(await rows()).toMatchObject([{ outcome: 'ticket' }]);
  });
});

describe('a server that refuses everything for a while', () => {
  it.each(['[UNAVAILABLE] x', '[LIMIT] x', '[OVERQUOTA] bandwidth', 'x'])(
    'loses no mail: %s',
    async (words) => {
      put(1);
      put(2);
      server.refuses = ({ name }) => (name === 'FETCH' ? words : null);
      expect(await read(count(2))).not.toBe('seen');
      expect(await rows()).toEqual([]);
      expect(await cursor()).toBe(0);
      server.refuses = () => null;
      expect(await read(count(2))).toBe('seen');
      expect((await rows()).map(({ outcome }) => outcome)).toEqual(['ticket', 'ticket']);
    },
  );

  it('or all bodies by a quota, while it still names senders', async () => {
    put(1);
    put(2);
    server.refuses = ({ name, wantsBody }) =>
      name === 'FETCH' && wantsBody ? '[OVERQUOTA] Account exceeded bandwidth limits' : null;
    expect(await read(count(2))).not.toBe('seen');
    expect([await rows(), await cursor()]).toEqual([[], 0]);
  });

  it('or the search: that is not taken for an empty mailbox', async () => {
    put(1);
    server.refuses = ({ name }) => (name === 'SEARCH' ? '[UNAVAILABLE] x' : null);
    expect(await read(count(1))).toMatch(/refused to say which mails/);
    server.refuses = () => null;
    expect(await read(count(1))).toBe('seen');
  });
});

describe('a mail', () => {
  it('is dated by when the mail server got it, and never later than now', async () => {
    const yesterday = new Date(Math.floor(Date.now() / 1_000) * 1_000 - 86_400_000);
    put(1, { internalDate: yesterday });
    put(2, { internalDate: new Date(Date.now() + 86_400_000) });
    expect(await read(count(2))).toBe('seen');
    const [first, second] = await rows();
    expect(first?.at).toEqual(yesterday);
    expect(second?.at.getTime()).toBeLessThanOrEqual(Date.now());
    const [ticket] = await desk.sql<{ at: Date }[]>`
      select t.created_at as at from tickets t join inbound_messages i on i.ticket_id = t.id
      where i.channel_id = ${channelId} and i.received_at = ${yesterday}`;
    expect(ticket?.at).toEqual(yesterday);
  });

  it('of a backlog is not held back for its sender having written much meanwhile', async () => {
    await desk.call('PATCH', '/api/v1/settings', { messagesPerSenderPerHour: 5 });
    const internalDate = new Date(Date.now() - 7_200_000);
    for (let uid = 1; uid <= 12; uid += 1) put(uid, { internalDate, from: 'busy@customer.test' });
    expect(await read(count(12))).toBe('seen');
    expect(new Set((await rows()).map(({ outcome }) => outcome))).toEqual(new Set(['ticket']));
  });
});
