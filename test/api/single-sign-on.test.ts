// Signing in by an OpenID Connect provider, a real one: only people of the desk come in, and only as themselves.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestDesk } from '#test/support/desk.ts';
import type { TestDesk } from '#test/support/desk.ts';
import { startIdentityProvider } from '#test/support/identity-provider.ts';
import type { IdentityProvider } from '#test/support/identity-provider.ts';
import { cookieOf, Door } from '#test/support/sign-in.ts';
import type { Answer } from '#test/support/sign-in.ts';

const CLIENT = {
  ...{ id: 'holdfast', secret: 'a secret of the tests' },
  redirectUri: 'http://desk.test/api/auth/callback/sso',
};
let provider: IdentityProvider;
let desk: TestDesk;
let door: Door;
beforeAll(async () => {
  provider = await startIdentityProvider(
    {
      ada: { email: 'Ada@desk.test', email_verified: true },
      mallory: { email: 'bob@desk.test', email_verified: false },
      silent: { email: 'cyd@desk.test' },
      stranger: { email: 'stranger@other.test', email_verified: true },
      gone: { email: 'gone@desk.test', email_verified: true },
    },
    CLIENT,
  );
  desk = await startDesk(false);
  door = new Door(desk);
});
afterAll(async () => {
  await desk.stop();
  await provider.stop();
});

async function startDesk(trustsAddresses: boolean): Promise<TestDesk> {
  const { id: clientId, secret: clientSecret } = CLIENT;
  const sso = { issuer: provider.issuer, clientId, clientSecret, trustsAddresses };
  const started = await startTestDesk({}, { sso });
  for (const name of ['ada', 'bob', 'cyd', 'gone']) await started.addUser(name);
  await started.sql`update users set active = false where name = 'gone'`;
  return started;
}

/** Goes to the provider and comes back, as one browser. */
async function comeBy(
  to: Door,
  who: string,
): Promise<{ begun: Answer; back: string; done: Answer }> {
  const begun = await to.ask('POST', '/api/auth/sign-in/social', {
    body: { provider: 'sso', callbackURL: '/views/mine' },
  });
  expect(begun.status).toBe(200);
  const back = await provider.visit(begun.json['url'], who);
  return { begun, back, done: await comeBack(to, back, cookieOf(begun)) };
}

const comeBack = (to: Door, back: string, cookie: string | undefined): Promise<Answer> => {
  const { pathname, search } = new URL(back);
  return to.ask('GET', pathname + search, { cookie });
};
const placeOf = ({ headers }: Answer): URL =>
  new URL(headers.get('location') ?? '', 'http://x.test');

describe('a person of the desk', () => {
  it('comes in by the provider without ever having had a password, and goes on where they wanted to', async () => {
    expect((await door.ask('GET', '/api/v1/setup')).json).toEqual({
      needed: true,
      singleSignOn: true,
    });
    const { done } = await comeBy(door, 'ada');
    expect(done.status).toBe(302);
    expect(placeOf(done).pathname).toBe('/views/mine');
    const me = await door.ask('GET', '/api/v1/me', { cookie: cookieOf(done) });
    expect(me.json).toMatchObject({ user: { name: 'ada' }, signedInBy: 'session' });
    const { id } = me.json['user'];
    expect(await desk.call('GET', `/api/v1/users/${id}/account`)).toMatchObject({
      signsInBy: ['singleSignOn'],
    });
    const [row] =
      await desk.sql`select "accessToken" as token from auth."account" where "userId" = ${id}`;
    expect(row?.['token']).not.toMatch(/^[\w-]{43}$/);
  });

  it('is known by who they are there when their address here has changed', async () => {
    await desk.sql`update users set email = 'lovelace@desk.test' where name = 'ada'`;
    const { done } = await comeBy(door, 'ada');
    const me = await door.ask('GET', '/api/v1/me', { cookie: cookieOf(done) });
    expect(me.json['user']).toMatchObject({ name: 'ada', email: 'lovelace@desk.test' });
  });
});

describe('nobody else', () => {
  it('comes in: not a stranger, not a deactivated colleague, not who only claims an address', async () => {
    const before = await desk.sql`select count(*)::int as n from auth."user"`;
    for (const who of ['stranger', 'gone', 'mallory', 'silent']) {
      const { done } = await comeBy(door, who);
      expect({ who, isIn: await door.isIn(cookieOf(done)) }).toEqual({ who, isIn: false });
      expect(placeOf(done).pathname).toBe('/sign-in');
      expect(placeOf(done).searchParams.get('error')).not.toBeNull();
    }
    expect(await desk.sql`select count(*)::int as n from auth."user"`).toEqual(before);
  });

  it('finishes what another browser began, nor twice what their own did', async () => {
    const { begun, back, done } = await comeBy(door, 'ada');
    expect(await door.isIn(cookieOf(done))).toBe(true);
    for (const cookie of [undefined, cookieOf(begun)]) {
      const again = await comeBack(door, back, cookie);
      expect(await door.isIn(cookieOf(again))).toBe(false);
    }
    const fresh = await door.ask('POST', '/api/auth/sign-in/social', { body: { provider: 'sso' } });
    const theirs = await provider.visit(fresh.json['url'], 'ada');
    const stolen = await comeBack(door, theirs, undefined);
    expect(await door.isIn(cookieOf(stolen))).toBe(false);
  });
});

describe('a provider that vouches for no address', () => {
  it('is believed when the operator says so', async () => {
    const trusting = await startDesk(true);
    try {
      const other = new Door(trusting);
      const { done } = await comeBy(other, 'silent');
      const me = await other.ask('GET', '/api/v1/me', { cookie: cookieOf(done) });
      expect(me.json['user'].name).toBe('cyd');
    } finally {
      await trusting.stop();
    }
  });
});
