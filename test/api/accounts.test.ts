// Signing in, against the whole desk: setup, invitation, sessions, second factor, and what strangers and foreign pages try.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '#api/app.ts';
import { startTestDesk } from '#test/support/desk.ts';
import type { TestDesk } from '#test/support/desk.ts';
import { cookieOf, Door, PASSWORD, totp } from '#test/support/sign-in.ts';

let desk: TestDesk;
let door: Door;
beforeAll(async () => {
  desk = await startTestDesk();
  door = new Door(desk);
});
afterAll(async () => {
  await desk.stop();
});

const ask: Door['ask'] = (...asked) => door.ask(...asked);
const signIn: Door['signIn'] = (...who) => door.signIn(...who);
const invited: Door['invited'] = (name) => door.invited(name);

describe('a fresh desk', () => {
  it('takes its first admin from whoever has the printed token, once, however many try', async () => {
    expect((await ask('GET', '/api/v1/setup')).json).toEqual({ needed: true, singleSignOn: false });
    const body = { token: 'the token of the start', name: 'Eve', password: PASSWORD };
    const wrong = await ask('POST', '/api/v1/setup', {
      body: { ...body, email: 'x@desk.test', token: 'guess' },
    });
    expect(wrong.status).toBe(403);
    const tries = await Promise.all(
      [1, 2, 3].map((n) =>
        ask('POST', '/api/v1/setup', { body: { ...body, email: `eve${n}@desk.test` } }),
      ),
    );
    expect(tries.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409, 409]);
    expect((await ask('GET', '/api/v1/setup')).json).toEqual({
      needed: false,
      singleSignOn: false,
    });
    const winner = tries.find(({ status }) => status === 201);
    if (winner === undefined) throw new Error('nobody won');
    expect((await ask('GET', '/api/v1/me', { cookie: cookieOf(winner) })).json['user'].role).toBe(
      'admin',
    );
  });
});

describe('an invitation', () => {
  it('comes by mail, works once, and its password is kept as argon2id', async () => {
    const id = await desk.addUser('ivy');
    await desk.call('POST', `/api/v1/users/${id}/invite`, undefined, 200);
    const token = await door.tokenMailedTo('ivy@desk.test');
    const path = `/api/v1/invitations/${token}`;
    expect((await ask('GET', path)).json).toEqual({ name: 'ivy', email: 'ivy@desk.test' });
    const accepted = await ask('POST', `${path}/accept`, {
      body: { password: PASSWORD, name: 'Ivy' },
    });
    expect(accepted.status).toBe(201);
    const me = await ask('GET', '/api/v1/me', { cookie: cookieOf(accepted) });
    expect(me.json).toMatchObject({
      user: { id, name: 'Ivy', role: 'agent' },
      signedInBy: 'session',
    });
    expect((await ask('GET', path)).status).toBe(404);
    expect((await ask('POST', `${path}/accept`, { body: { password: PASSWORD } })).status).toBe(
      404,
    );
    const [row] = await desk.sql<{ password: string }[]>`
      select "password" from auth."account" where "userId" = ${id}`;
    expect(row?.password).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    const [mail] = await desk.sql`select url, state from account_mails where user_id = ${id}`;
    expect(mail).toEqual({ url: null, state: 'sent' });
  });
});

describe('a session', () => {
  it('is a cookie that scripts cannot read, new at each sign-in', async () => {
    const { email } = await invited('sam');
    const [first, second] = [await signIn(email), await signIn(email)];
    const cookie = first.cookies.find((one) => one.startsWith('holdfast.session_token='));
    expect(cookie).toMatch(/; HttpOnly/i);
    expect(cookie).toMatch(/; SameSite=Lax/i);
    expect(cookieOf(first)).not.toBe(cookieOf(second));
    const planted = await ask('POST', '/api/auth/sign-in/email', {
      ...{ body: { email, password: PASSWORD }, cookie: cookieOf(first) },
    });
    expect(cookieOf(planted)).not.toBe(cookieOf(first));
  });

  it('changes nothing for a page of another origin, nor without our header, nor by a form', async () => {
    const { cookie } = await invited('tom');
    const body = { subject: 'x', requester: { email: 'a@b.test' } };
    const post = (headers: Record<string, string>) =>
      ask('POST', '/api/v1/tickets', {
        body,
        cookie,
        headers: { 'content-type': 'application/json', ...headers },
      });
    for (const headers of [
      { origin: 'https://evil.test', 'x-holdfast': '1' },
      { origin: 'http://desk.test' },
      { 'x-holdfast': '1', 'sec-fetch-site': 'cross-site' },
      {},
      { 'content-type': 'application/x-www-form-urlencoded', origin: 'http://desk.test' },
    ]) {
      const answer = await post(headers);
      expect(answer).toMatchObject({ status: 403, json: { code: 'foreignPage' } });
    }
    expect((await post({ origin: 'http://desk.test', 'x-holdfast': '1' })).status).toBe(201);
  });

  it('ends at once for whoever is deactivated, signs out everywhere, or chose another password', async () => {
    const { id, email, cookie } = await invited('uma');
    const other = cookieOf(await signIn(email));
    const alive = async (one: string) => (await ask('GET', '/api/v1/me', { cookie: one })).status;
    expect([await alive(cookie), await alive(other)]).toEqual([200, 200]);
    expect((await ask('POST', '/api/auth/revoke-sessions', { cookie, body: {} })).status).toBe(200);
    expect([await alive(cookie), await alive(other)]).toEqual([401, 401]);
    const again = cookieOf(await signIn(email));
    await desk.call('PUT', `/api/v1/users/${id}`, {
      name: 'uma',
      email,
      role: 'agent',
      active: false,
    });
    expect(await alive(again)).toBe(401);
    expect((await signIn(email)).status).not.toBe(200);
  });

  it('closes an open stream of events when it ends', async () => {
    const { cookie } = await invited('vic');
    const watchful = await createApp({ ...desk.deps, heartbeatMs: 100 });
    const response = await watchful.request('http://desk.test/api/v1/events', {
      headers: { cookie },
    });
    expect(response.status).toBe(200);
    const reader = response.body?.getReader();
    await reader?.read();
    await ask('POST', '/api/auth/sign-out', { cookie, body: {} });
    let done = false;
    while (!done) done = (await reader?.read())?.done ?? true;
    expect(done).toBe(true);
  });
});

describe('a forgotten password', () => {
  it('is replaced by a mailed link that works once and ends every session', async () => {
    const { email, cookie } = await invited('wes');
    const unknown = await ask('POST', '/api/auth/request-password-reset', {
      body: { email: 'no@desk.test' },
    });
    const known = await ask('POST', '/api/auth/request-password-reset', { body: { email } });
    expect(known).toMatchObject({ status: unknown.status, json: unknown.json });
    const token = await door.tokenMailedTo(email, 'reset-password');
    const reset = (newPassword: string) =>
      ask('POST', '/api/auth/reset-password', { body: { newPassword, token } });
    expect((await reset('short')).status).toBe(400);
    expect((await reset('another good password')).status).toBe(200);
    expect((await reset('a third good password')).status).toBe(400);
    expect((await ask('GET', '/api/v1/me', { cookie })).status).toBe(401);
    expect((await signIn(email)).status).toBe(401);
    expect((await signIn(email, 'another good password')).status).toBe(200);
  });
});

describe('a second factor', () => {
  it('cannot be skipped: a password alone opens no session', async () => {
    const { email, cookie } = await invited('xen');
    const enabled = await ask('POST', '/api/auth/two-factor/enable', {
      cookie,
      body: { password: PASSWORD },
    });
    expect(enabled.status).toBe(200);
    const secret = new URL(enabled.json['totpURI']).searchParams.get('secret') ?? '';
    const verified = await ask('POST', '/api/auth/two-factor/verify-totp', {
      cookie,
      body: { code: totp(secret) },
    });
    expect(verified.status).toBe(200);
    const half = await signIn(email);
    expect(half.json['twoFactorRedirect']).toBe(true);
    expect((await ask('GET', '/api/v1/me', { cookie: cookieOf(half) })).status).toBe(401);
    const wrong = await ask('POST', '/api/auth/two-factor/verify-totp', {
      cookie: cookieOf(half),
      body: { code: '000000' },
    });
    expect(wrong.status).toBe(401);
    const whole = await ask('POST', '/api/auth/two-factor/verify-totp', {
      cookie: cookieOf(half),
      body: { code: totp(secret) },
    });
    expect(whole.status).toBe(200);
    const me = await ask('GET', '/api/v1/me', { cookie: cookieOf(whole) });
    expect(me.json['twoFactor']).toBe(true);
    const [code] = enabled.json['backupCodes'] as string[];
    const third = await signIn(email);
    const recovered = await ask('POST', '/api/auth/two-factor/verify-backup-code', {
      cookie: cookieOf(third),
      body: { code },
    });
    expect(recovered.status).toBe(200);
  });
});

describe('a stranger', () => {
  it('cannot tell an unknown address from a wrong password, and is stopped after ten tries', async () => {
    const { email } = await invited('yan');
    const [wrong, unknown] = [
      await signIn(email, 'not this one'),
      await signIn('nobody@desk.test'),
    ];
    expect(wrong).toMatchObject({ status: 401, json: unknown.json });
    expect(unknown.status).toBe(401);
    for (let n = 0; n < 9; n += 1) await signIn(email, 'not this one');
    expect((await signIn(email)).status).toBe(429);
  });

  it('cannot make an account, nor be sent elsewhere after signing in', async () => {
    const made = await ask('POST', '/api/auth/sign-up/email', {
      body: { email: 'z@desk.test', password: PASSWORD, name: 'Z' },
    });
    expect(made.status).toBe(404);
    const { email } = await invited('zoe');
    const sent = await ask('POST', '/api/auth/sign-in/email', {
      body: { email, password: PASSWORD, callbackURL: 'https://evil.test/' },
    });
    expect(sent.status).toBe(403);
  });
});
