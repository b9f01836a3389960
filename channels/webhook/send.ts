// Posts one JSON body to an address that an admin has written into a policy. Signed, so that the receiver knows whose it is; never
// to a place inside the operator's own network unless they said so; no redirects, since those would lead there after all.
import { createHmac } from 'node:crypto';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import { isPrivate, PrivateAddress, publicLookup } from '../public-network.ts';

const LIMIT_MS = 5_000;
const MAX_WORDS = 1_000;

/** How a post ended; text is the receiver's own words. */
export interface WebhookResult {
  kind: 'sent' | 'permanent' | 'temporary';
  code?: string;
  text: string;
}

/** What posting needs of the world. */
export interface WebhookDeps {
  /** Of webhookSecret(). */
  secret: string;
  /** Whether addresses of private networks and of this machine may be asked. */
  allowPrivate: boolean;
}

/** The key that receivers check signatures with, made from the desk's own. */
export function webhookSecret(deskSecret: string): string {
  return createHmac('sha256', deskSecret).update('webhooks').digest('hex');
}

/** The signature header of a body at a second: `t=<second>,v1=<hex of HMAC-SHA256 over "<second>.<body>">`. */
export function signatureOf(secret: string, body: string, atSeconds: number): string {
  const digest = createHmac('sha256', secret).update(`${atSeconds}.${body}`).digest('hex');
  return `t=${atSeconds},v1=${digest}`;
}

/** Posts once. Never throws for what a receiver or a network says. */
export async function postWebhook(
  deps: WebhookDeps,
  post: { url: string; eventId: string; body: string; nowMs: number },
): Promise<WebhookResult> {
  const url = URL.parse(post.url);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return { kind: 'permanent', code: 'badAddress', text: 'Webhooks go to http and https.' };
  }
  // A literal address is never looked up, so it is judged here.
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  if (!deps.allowPrivate && isIP(literal) !== 0 && isPrivate(literal)) return refused(literal);
  try {
    return judge(await exchange(deps, url, post));
  } catch (error) {
    if (error instanceof PrivateAddress) return refused(error.address);
    const { code, message } = error as { code?: string; message?: string };
    const timedOut = error instanceof Error && error.name === 'AbortError';
    return {
      kind: 'temporary',
      code: timedOut ? 'timedOut' : (code ?? 'unknown'),
      text: timedOut
        ? `No answer within ${LIMIT_MS / 1000} s.`
        : (message ?? String(error)).slice(0, MAX_WORDS),
    };
  }
}

const refused = (address: string): WebhookResult => ({
  kind: 'permanent',
  code: 'privateAddress',
  text: `${address} is an address of a private network; HOLDFAST_WEBHOOKS_PRIVATE=1 allows it.`,
});

function judge({ status, words }: { status: number; words: string }): WebhookResult {
  const text = `HTTP ${status} ${words}`.trim().slice(0, MAX_WORDS);
  if (status >= 200 && status < 300) return { kind: 'sent', text };
  const code = `http${status}`;
  // Too early, too many and time-outs may pass; whatever else a receiver refuses, or sends elsewhere, it will refuse again.
  const passes = status >= 500 || [408, 425, 429].includes(status);
  return { kind: passes ? 'temporary' : 'permanent', code, text };
}

async function exchange(
  deps: WebhookDeps,
  url: URL,
  { eventId, body, nowMs }: { eventId: string; body: string; nowMs: number },
): Promise<{ status: number; words: string }> {
  const send = url.protocol === 'https:' ? requestHttps : requestHttp;
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'user-agent': 'Holdfast',
    'holdfast-event-id': eventId,
    'holdfast-signature': signatureOf(deps.secret, body, Math.floor(nowMs / 1000)),
  };
  const options = {
    method: 'POST',
    headers,
    signal: AbortSignal.timeout(LIMIT_MS),
    // A connection that is kept would be used again without its address being looked at.
    agent: false,
    ...(deps.allowPrivate ? {} : { lookup: publicLookup }),
  };
  return await new Promise((resolve, reject) => {
    const req = send(url, options, (res) => {
      let words = '';
      res.setEncoding('utf8');
      // Enough to show a person; the rest is not waited for.
      res.on('data', (part: string) => {
        words += part;
        if (words.length > MAX_WORDS) res.destroy();
      });
      res.on('close', () => resolve({ status: res.statusCode ?? 0, words }));
      res.on('error', reject);
    });
    req.on('error', reject);
    req.end(body);
  });
}
