// Webhooks leave signed, once, and only for where they may go: no private network, no redirect, no receiver that keeps the desk waiting.
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { isPrivate } from '#channels/public-network.ts';
import { postWebhook, webhookSecret } from '#channels/webhook/send.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function receiver(
  answer: (req: IncomingMessage, res: ServerResponse, body: string) => void,
): Promise<string> {
  const server = createServer((req, res) => {
    let body = '';
    req.on('data', (part: Buffer) => {
      body += part.toString();
    });
    req.on('end', () => answer(req, res, body));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
}

const secret = webhookSecret('the secret of a desk');
const open = { secret, allowPrivate: true };
const post = (url: string) => ({
  url,
  eventId: 'notify-1-2-0',
  body: '{"a":1}',
  nowMs: 1_700_000_000_500,
});

describe('a webhook', () => {
  it('carries its event id and a signature that the receiver can check', async () => {
    const seen: { headers: IncomingMessage['headers']; body: string }[] = [];
    const url = await receiver(({ headers }, res, body) => {
      seen.push({ headers, body });
      res.writeHead(204).end();
    });
    expect(await postWebhook(open, post(url))).toMatchObject({ kind: 'sent' });
    const [got] = seen;
    const digest = createHmac('sha256', secret).update('1700000000.{"a":1}').digest('hex');
    expect(got?.body).toBe('{"a":1}');
    expect(got?.headers).toMatchObject({
      ...{ 'content-type': 'application/json', 'holdfast-event-id': 'notify-1-2-0' },
      'holdfast-signature': `t=1700000000,v1=${digest}`,
    });
  });

  it('is not signed with the desk’s own key', () => {
    expect(secret).not.toContain('the secret of a desk');
    expect(webhookSecret('another')).not.toBe(secret);
  });

  it.for<[number, string, string]>([
    [404, 'permanent', 'http404'],
    [410, 'permanent', 'http410'],
    [429, 'temporary', 'http429'],
    [500, 'temporary', 'http500'],
    [503, 'temporary', 'http503'],
  ])('that is answered %d counts as %s', async ([status, kind, code]) => {
    const url = await receiver((_req, res) => res.writeHead(status).end('the words of the server'));
    expect(await postWebhook(open, post(url))).toEqual({
      ...{ kind, code, text: `HTTP ${status} the words of the server` },
    });
  });

  it('does not follow a redirect', async () => {
    let asked = 0;
    const target = await receiver((_req, res) => {
      asked += 1;
      res.end();
    });
    const url = await receiver((_req, res) => res.writeHead(307, { location: target }).end());
    expect(await postWebhook(open, post(url))).toMatchObject({
      kind: 'permanent',
      code: 'http307',
    });
    expect(asked).toBe(0);
  });

  it('waits five seconds for an answer and no longer', async () => {
    const url = await receiver(() => undefined);
    const beganMs = Date.now();
    expect(await postWebhook(open, post(url))).toMatchObject({
      kind: 'temporary',
      code: 'timedOut',
    });
    expect(Date.now() - beganMs).toBeLessThan(8_000);
  }, 15_000);

  it('to nobody is tried again later', async () => {
    expect(await postWebhook(open, post('http://127.0.0.1:1/'))).toMatchObject({
      ...{ kind: 'temporary', code: 'ECONNREFUSED' },
    });
  });

  it('leaves a receiver that never stops talking', async () => {
    const url = await receiver((_req, res) => {
      res.writeHead(200);
      res.write('x'.repeat(5_000_000));
    });
    const { kind, text } = await postWebhook(open, post(url));
    expect(kind).toBe('sent');
    expect(text.length).toBeLessThanOrEqual(1_000);
  });
});

describe('the operator’s own network', () => {
  const closed = { secret, allowPrivate: false };

  it.for([
    'http://127.0.0.1:9/',
    'http://2130706433/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://10.1.2.3/',
    'http://169.254.169.254/latest/meta-data',
    'http://0xa9fea9fe/latest/meta-data',
    'http://[::ffff:169.254.169.254]/',
    'http://[::127.0.0.1]/',
    'http://[::ffff:0:10.0.0.1]/',
    'http://[2002:7f00:1::]/',
    'http://[2001:0:7f00:1::]/',
    'http://[fd00:ec2::254]/',
    'http://[fec0::1]/',
    'http://user:word@127.0.0.1:9/',
    'http://localhost:9/',
    'http://LOCALHOST:9/',
  ])('%s is not asked unless the operator allows it', async (url) => {
    const result = await postWebhook(closed, post(url));
    expect(result).toMatchObject({ kind: 'permanent', code: 'privateAddress' });
    expect(result.text).toContain('is an address of a private network; HOLDFAST_WEBHOOKS_PRIVATE');
  });

  it('is not reached through a name that stands for it, whatever listens there', async () => {
    let asked = 0;
    const url = await receiver((_req, res) => {
      asked += 1;
      res.end();
    });
    const named = url.replace('127.0.0.1', 'localhost');
    expect(await postWebhook(open, post(named))).toMatchObject({ kind: 'sent' });
    expect(await postWebhook(closed, post(named))).toMatchObject({ code: 'privateAddress' });
    expect(asked).toBe(1);
  });

  it.for(['file:///etc/passwd', 'ftp://example.test/', 'nonsense'])(
    '%s is no address',
    async (url) => {
      expect(await postWebhook(open, post(url))).toMatchObject({
        kind: 'permanent',
        code: 'badAddress',
      });
    },
  );

  it('ends where the internet begins', () => {
    for (const address of ['8.8.8.8', '172.32.0.1', '2606:4700::1111']) {
      expect(isPrivate(address)).toBe(false);
    }
    for (const address of ['172.31.255.255', '100.64.0.1', '0.0.0.0', 'fd00::1', 'fe80::1', '::']) {
      expect(isPrivate(address)).toBe(true);
    }
  });
});
