// A real IMAP server (GreenMail): backlog in pages, new mail by IDLE, cursor by UID, nothing twice, wrong password in the server's words.
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import nodemailer from 'nodemailer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readMailbox } from '#channels/email/imap-mailbox.ts';
import { tryServers } from '#channels/email/try-servers.ts';
import { findChannel, insertChannel, updateChannel } from '#db/channels.ts';
import { mailboxWorkflowId } from '#domain/ids.ts';
import { freePort, isPortFree } from '#scripts/processes.ts';
import { cacheFolder } from '#scripts/temporal-cli.ts';
import { startTestDesk } from '#test/support/desk.ts';
import type { TestDesk } from '#test/support/desk.ts';
import { eventually } from '#test/support/poll.ts';

const VERSION = '2.1.8';

/** The server's jar, fetched once by Maven; null where there is no Java or Maven. */
function greenmailJar(): string | null {
  const jar = join(cacheFolder(), `greenmail-standalone-${VERSION}.jar`);
  if (existsSync(jar)) return jar;
  try {
    mkdirSync(cacheFolder(), { recursive: true });
    const artifact = `com.icegreen:greenmail-standalone:${VERSION}`;
    execFileSync(
      'mvn',
      [
        '-q',
        '-B',
        'dependency:copy',
        `-Dartifact=${artifact}`,
        `-DoutputDirectory=${cacheFolder()}`,
      ],
      { timeout: 120_000 },
    );
    execFileSync('java', ['-version'], { stdio: 'ignore' });
    return jar;
  } catch {
    console.log('SKIPPED: the IMAP tests need java and mvn for GreenMail.');
    return null;
  }
}

const jar = greenmailJar();

describe.skipIf(jar === null)('an IMAP mailbox', () => {
  let server: ChildProcess;
  let desk: TestDesk;
  let smtpPort: number;
  let imapPort: number;
  const settings = (password: string) => ({
    imap: { host: '127.0.0.1', port: imapPort, secure: false, user: 'support@desk.test', password },
  });
  const saveImap = (password: string) =>
    updateChannel(desk.sql, {
      id: desk.channel.id,
      name: 'Support',
      enabled: true,
      settings: settings(password),
    });
  const deliver = async (count: number, tag: string): Promise<void> => {
    const transport = nodemailer.createTransport({
      host: '127.0.0.1',
      port: smtpPort,
      ignoreTLS: true,
      pool: true,
    });
    for (let index = 0; index < count; index += 1) {
      await transport.sendMail({
        from: `${tag}${index}@customer.test`,
        to: 'support@desk.test',
        subject: `${tag} ${index}`,
        text: 'x',
      });
    }
    transport.close();
  };
  const tickets = async (tag: string): Promise<number> => {
    const [row] =
      await desk.sql`select count(*)::integer as n from tickets where subject like ${`${tag} %`}`;
    return Number(row?.['n']);
  };

  beforeAll(async () => {
    [smtpPort, imapPort] = [await freePort(), await freePort()];
    server = spawn('java', [
      ...[
        '-Dgreenmail.hostname=127.0.0.1',
        `-Dgreenmail.smtp.port=${smtpPort}`,
        `-Dgreenmail.imap.port=${imapPort}`,
      ],
      ...[
        '-Dgreenmail.users=support:secret@desk.test,sales:secret@desk.test',
        '-Dgreenmail.users.login=email',
        '-jar',
        jar ?? '',
      ],
    ]);
    await eventually(
      async () =>
        expect([await isPortFree(smtpPort), await isPortFree(imapPort)]).toEqual([false, false]),
      30_000,
    );
    desk = await startTestDesk();
    await eventually(() => deliver(1, 'warm'), 20_000);
  }, 90_000);
  afterAll(async () => {
    await desk.client.workflow
      .getHandle(mailboxWorkflowId(desk.channel.id))
      .terminate()
      .catch(() => undefined);
    await desk.stop();
    server.kill();
  });

  it('is tried without being read: signed in to, its folder opened, or told in the server’s own words why not', async () => {
    const { imap } = settings('secret');
    const tryIt = async (more: object) =>
      (await tryServers({ allowPrivate: true }, { imap: { ...imap, ...more } })).imap;
    expect(await tryIt({})).toMatchObject({
      ...{ ok: true, fault: null, address: '127.0.0.1', tls: null },
      text: 'INBOX: 1 messages',
    });
    const wrong = await tryIt({ password: 'another secret' });
    expect(wrong).toMatchObject({ ok: false, fault: 'signIn' });
    expect(wrong?.text).toMatch(/LOGIN failed|Invalid login/i);
    expect(wrong?.text).not.toContain('another secret');
    expect(await tryIt({ folder: 'Nowhere' })).toMatchObject({ fault: 'folder' });
    expect(await tryIt({ port: await freePort() })).toMatchObject({
      ...{ fault: 'unreachable', text: expect.stringContaining('ECONNREFUSED') },
    });
    expect(await tickets('warm')).toBe(0);
  });

  it('is read from its backlog on, then as mail comes in, each mail once, over restarts of the worker', async () => {
    await deliver(70, 'backlog');
    await saveImap('secret');
    await desk.client.workflow.start('mailbox', {
      workflowId: mailboxWorkflowId(desk.channel.id),
      taskQueue: 'tickets',
      args: [{ channelId: desk.channel.id }],
    });
    await eventually(async () => expect(await tickets('backlog')).toBe(70), 40_000);
    await deliver(2, 'live');
    await eventually(async () => expect(await tickets('live')).toBe(2), 20_000);
    await desk.stopWorkers();
    await deliver(3, 'later');
    await desk.startWorkers();
    await eventually(async () => expect(await tickets('later')).toBe(3), 60_000);
    expect([await tickets('backlog'), await tickets('live'), await tickets('warm')]).toEqual([
      70, 2, 1,
    ]);
  }, 150_000);

  it('that refuses its password shows the server’s own words as its health', async () => {
    await saveImap('wrong');
    await eventually(async () => {
      const channel = await findChannel(desk.sql, desk.channel.id);
      expect(channel?.health).toMatchObject({ ok: false });
      expect(String(channel?.health['text'])).not.toBe('');
    }, 60_000);
  }, 80_000);

  it('sets a mail aside that is too large, with its beginning, and goes on with the next', async () => {
    const { imap } = settings('secret');
    const channel = await insertChannel(desk.sql, {
      ...{ kind: 'email', name: 'Sales', address: 'sales@desk.test' },
      settings: { imap: { ...imap, user: 'sales@desk.test' } },
    });
    const transport = nodemailer.createTransport({
      host: '127.0.0.1',
      port: smtpPort,
      ignoreTLS: true,
    });
    const send = (subject: string, text: string) =>
      transport.sendMail({ from: 'big@customer.test', to: 'sales@desk.test', subject, text });
    await send('large 1', 'word '.repeat(100_000));
    await send('small 2', 'x');
    const stop = new AbortController();
    const reading = readMailbox(
      {
        ...{ ingest: desk.ingest, clock: Date.now, pollMs: 60_000, signal: stop.signal },
        ...{ heartbeat: () => undefined, maxBytes: 20_000 },
      },
      channel?.id ?? '',
    );
    await eventually(async () => expect(await tickets('small')).toBe(1), 20_000);
    const [kept] = await desk.sql`select reason, sender, source_bytes as bytes from inbound_messages
      where channel_id = ${channel?.id ?? ''} and outcome = 'quarantined'`;
    expect(kept).toMatchObject({ sender: 'big@customer.test' });
    expect(kept?.['reason']).toMatch(/^tooLarge: \d{6} bytes/);
    // New mail is announced, not waited for: the poll interval is a minute.
    await send('small 3', 'x');
    await eventually(async () => expect(await tickets('small')).toBe(2), 15_000);
    stop.abort();
    expect(await reading).toBe('moved');
  }, 60_000);
});
