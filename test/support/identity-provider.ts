// A real OpenID Connect provider on this machine, with the pages where people sign in: whoever types a name is that person.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';

/** What the provider says of somebody. */
export interface Claims {
  email: string;
  email_verified?: boolean;
}

/** A provider that runs. */
export interface IdentityProvider {
  issuer: string;
  /** Goes to where the desk sent somebody, signs in there, and answers the address it sends them back to. */
  visit(url: string, who: string): Promise<string>;
  stop(): Promise<void>;
}

/** Starts one that knows some people and one client, the desk. */
export async function startIdentityProvider(
  people: Record<string, Claims>,
  client: { id: string; secret: string; redirectUri: string },
): Promise<IdentityProvider> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        ...{ client_id: client.id, client_secret: client.secret },
        redirect_uris: [client.redirectUri],
      },
    ],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    cookies: { keys: ['of the tests'] },
    pkce: { required: () => true },
    findAccount: (_context: unknown, id: string) => ({
      accountId: id,
      claims: () => ({ sub: id, name: id, ...people[id] }),
    }),
  });
  server.on('request', provider.callback());
  return {
    issuer,
    visit: (url, who) => visit(issuer, url, who),
    stop: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}

/** What a person's browser does there: signs in, consents, and follows until it is sent elsewhere. */
async function visit(issuer: string, url: string, who: string): Promise<string> {
  const cookies = new Map<string, string>();
  let next = new URL(url);
  let form: URLSearchParams | null = null;
  for (let step = 0; step < 12; step += 1) {
    const response: Response = await fetch(next, {
      ...{ redirect: 'manual', method: form === null ? 'GET' : 'POST', body: form },
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      cookies.set(name, value);
    }
    const location = response.headers.get('location');
    form = null;
    if (location !== null) {
      next = new URL(location, next);
      if (next.origin !== issuer) return next.href;
      continue;
    }
    const page = await response.text();
    const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1];
    if (prompt === undefined) throw new Error(`${response.status} ${next.href}: ${page}`);
    form = new URLSearchParams({ prompt, ...(prompt === 'login' ? { login: who } : {}) });
    const action = /action="([^"]+)"/.exec(page)?.[1];
    if (action !== undefined) next = new URL(action, next);
  }
  throw new Error('The provider sends its visitor round and round.');
}
