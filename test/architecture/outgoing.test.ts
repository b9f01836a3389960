// Which files open connections to places that somebody else names: each judges the address first. Pictures and pages are fetched by
// readers' browsers, never by the desk.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const FOLDERS = [
  ...['accounts', 'activities', 'api', 'channels', 'db', 'domain'],
  ...['temporal', 'worker', 'workflows'],
];
const OUTGOING =
  /(?<![.\w])fetch\(|from 'node:(?:https?|http2|tls|dgram)'|from '(?:undici|imapflow|nodemailer)/;
/** By file: who names the place. */
const KNOWN = {
  'channels/email/imap-mailbox.ts': 'a mailbox that is saved',
  'channels/email/send.ts': 'a mailbox that is saved, or the operator',
  'channels/email/try-servers.ts': 'whoever tries a mailbox: judged by public-network.ts',
  'channels/webhook/send.ts': 'whoever writes a policy: judged by public-network.ts',
};

describe('the desk', () => {
  it('goes out to nowhere but where mailboxes and webhooks lead', () => {
    const found = FOLDERS.flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.m?ts$/.test(name))
        .map((name) => `${folder}/${name}`)
        .filter((path) => OUTGOING.test(readFileSync(join(ROOT, path), 'utf8'))),
    );
    expect(found.toSorted()).toEqual(Object.keys(KNOWN));
  });

  it('would be seen to', () => {
    for (const line of ['await fetch(url)', "import { request } from 'node:https';"])
      expect(OUTGOING.test(line)).toBe(true);
    expect(OUTGOING.test('{ fetch: app.fetch }; queue.refetch();')).toBe(false);
  });
});
