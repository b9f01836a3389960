// A mailbox is tried as it would be used, and says what its servers said; nobody learns by it what stands in the operator's own network.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tryServers } from '#channels/email/try-servers.ts';
import type { SmtpSettings } from '#db/channels.ts';
import type { TriedServer } from '#domain/mail-servers.ts';
import { startImapServer } from '#test/support/imap-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-try-'));
const [keyPath, certPath] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
execFileSync('openssl', [
  ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
  ...['-keyout', keyPath, '-out', certPath, '-days', '2', '-subj', '/CN=localhost'],
  ...['-addext', 'subjectAltName=DNS:localhost'],
]);
const cert = readFileSync(certPath, 'utf8');
const PASSWORD = 'the secret of a mailbox';
let commands = 0;
const smtp = new SMTPServer({
  ...{ key: readFileSync(keyPath), cert, authOptional: false },
  onAuth: ({ username, password }, _session, callback) => {
    if (username === 'support' && password === PASSWORD) return callback(null, { user: username });
    // A server that repeats what it was told.
    callback(new Error(`535 ${username} is not let in with ${password}`));
  },
  onMailFrom: (_address, _session, callback) => {
    commands += 1;
    callback();
  },
});
let port: number;
const silent = createServer(() => undefined);
let silentPort: number;

beforeAll(async () => {
  [port, silentPort] = [await listen(smtp.server), await listen(silent)];
});
afterAll(async () => {
  await new Promise<void>((resolve) => smtp.close(() => resolve()));
  silent.close();
  rmSync(folder, { recursive: true, force: true });
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
async function trySmtp(
  more: Partial<SmtpSettings> = {},
  deps: { allowPrivate: boolean; limitMs?: number; ca?: string } = { allowPrivate: true, ca: cert },
): Promise<TriedServer | null> {
  const settings = { host: 'localhost', port, user: 'support', password: PASSWORD, ...more };
  return (await tryServers(deps, { smtp: settings })).smtp;
}

describe('a mail server that is tried', () => {
  it('is signed in to over TLS under the name it was given, and no mail is begun', async () => {
    const tried = await trySmtp();
    expect(tried).toMatchObject({ ok: true, fault: null, address: '127.0.0.1' });
    expect(tried?.tls).toMatchObject({ protocol: 'TLSv1.3' });
    expect(tried?.text).toMatch(/^235 /);
    expect(commands).toBe(0);
  });

  it('that refuses a password is quoted, without the password', async () => {
    const tried = await trySmtp({ password: 'guess-1234' });
    expect(tried).toMatchObject({ ok: false, fault: 'signIn', tls: { protocol: 'TLSv1.3' } });
    expect(tried?.text).toContain('support is not let in with ********');
    expect(tried?.text).not.toContain('guess-1234');
  });

  it('with a certificate that nobody vouches for gets no password', async () => {
    expect(await trySmtp({}, { allowPrivate: true })).toMatchObject({
      ...{ fault: 'insecure', text: expect.stringMatching(/self-signed certificate/i) },
    });
    expect(await trySmtp({ host: '127.0.0.1' })).toMatchObject({ fault: 'insecure' });
  });

  it('on a port where nobody listens, and one of a name that nobody has, are told apart', async () => {
    expect(await trySmtp({ port: 1 })).toMatchObject({ fault: 'unreachable' });
    const unknown = await trySmtp({ host: 'no-such-host.invalid' });
    expect(unknown).toMatchObject({ fault: 'unknownHost', address: null });
  });

  it('that says nothing is not waited for beyond the limit', async () => {
    const beganMs = Date.now();
    const tried = await trySmtp({ port: silentPort }, { allowPrivate: true, limitMs: 500 });
    expect(tried).toMatchObject({ fault: 'timedOut', text: 'No answer within 0.5 s.' });
    expect(Date.now() - beganMs).toBeLessThan(5_000);
  });

  it('is tried beside the other one of its mailbox, each with an answer of its own', async () => {
    const server = await startImapServer();
    server.refuses = ({ name }) => (name === 'LOGIN' ? '[AUTHENTICATIONFAILED] not you' : null);
    const imap = { host: '127.0.0.1', port: server.port, user: 'u', password: 'p4ssw0rd' };
    const settings = { host: 'localhost', port, user: 'support', password: PASSWORD };
    const both = await tryServers({ allowPrivate: true, ca: cert }, { imap, smtp: settings });
    await server.close();
    expect(both.smtp).toMatchObject({ ok: true });
    expect(both.imap).toMatchObject({ fault: 'signIn', text: 'not you' });
  });
});

describe('the operator’s own network', () => {
  it.for([
    ...['127.0.0.1', 'localhost', '2130706433', '0x7f.1', '0.0.0.0', '10.0.0.25', '192.168.1.1'],
    ...['169.254.169.254', '::1', '::ffff:127.0.0.1', '::ffff:a9fe:a9fe', 'fd12::25', 'fe80::1'],
  ])('is not asked for %s: nothing is connected to unless the operator allows it', async (host) => {
    const tried = await trySmtp({ host }, { allowPrivate: false, ca: cert });
    expect(tried).toMatchObject({ ok: false, fault: 'privateAddress', address: null });
    expect(tried?.text).toContain('HOLDFAST_MAIL_PRIVATE=1');
  });
});
