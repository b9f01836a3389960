// What strangers, foreign pages and former colleagues try at the door, against the whole desk.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reconcileOnce } from '#activities/reconcile.ts';
import { createApp } from '#api/app.ts';
import type { App } from '#api/app-env.ts';
import { insertAccountMail } from '#db/accounts.ts';
import { updateChannel } from '#db/channels.ts';
import { accountMailWorkflowId } from '#domain/ids.ts';
import { makeToken, startTestDesk } from '#test/support/desk.ts';
import type { TestDesk } from '#test/support/desk.ts';
import { eventually } from '#test/support/poll.ts';
import { askApp, cookieOf, Door, OURS, PASSWORD, totp } from '#test/support/sign-in.ts';
import { TASK_QUEUES } from '#workflows/messages.ts';

const SIGN_IN = '/api/auth/sign-in/email';
let desk: TestDesk;
let door: Door;
/** The same desk, whose streams look every moment whether they may go on. */
let watchful: App;
beforeAll(async () => {
  desk = await startTestDesk();
  door = new Door(desk);
  watchful = await createApp({ ...desk.deps, heartbeatMs: 100 });
});
afterAll(async () => {
  await desk.stop();
});

const statusesOf = (answers: { status: number }[]): number[] =>
  answers.map(({ status }) => status).toSorted((one, other) => one - other);

describe('guessing a password', () => {
  it('gets ten tries at an account, however many come at once, and its owner back in by mail', async () => {
    const { email } = await door.invited('ann');
    const other = await door.invited('abe');
    const tries = await Promise.all(
      Array.from({ length: 30 }, () => door.signIn(email, 'not this one')),
    );
    expect(statusesOf(tries)).toEqual([...Array(10).fill(401), ...Array(20).fill(429)]);
    const late = await door.signIn(email);
    expect(late.status).toBe(429);
    expect(Number(late.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await door.signIn(other.email)).status).toBe(200);
    await door.ask('POST', '/api/auth/request-password-reset', { body: { email } });
    const token = await door.tokenMailedTo(email, 'reset-password');
    const newPassword = 'another good password';
    const reset = await door.ask('POST', '/api/auth/reset-password', {
      body: { newPassword, token },
    });
    expect(reset.status).toBe(200);
    expect((await door.signIn(email, newPassword)).status).toBe(200);
  });

  it('finds no way around the count: no form, no query, no other spelling', async () => {
    const { email } = await door.invited('bea');
    const body = { email, password: 'not this one' };
    const form = await door.ask('POST', SIGN_IN, {
      body: new URLSearchParams({ email, password: PASSWORD }).toString(),
      headers: { ...OURS, 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(form.status).toBe(415);
    for (let n = 0; n < 5; n += 1) {
      expect((await door.ask('POST', `${SIGN_IN}?n=${n}`, { body })).status).toBe(401);
      const loud = { ...body, email: email.toUpperCase() };
      expect((await door.ask('POST', SIGN_IN, { body: loud })).status).toBe(401);
    }
    expect((await door.signIn(email)).status).toBe(429);
    for (const path of [`${SIGN_IN}/`, '/api/auth/sign-in//email', '/api/auth/sign-in/%65mail'])
      expect((await door.ask('POST', path, { body })).status).toBe(404);
  });

  it('breaks on no body', async () => {
    for (const body of ['null', '"text"', '[]', '{', '', '{"email":1,"password":2}'])
      expect((await door.ask('POST', SIGN_IN, { body })).status).toBe(400);
    const email = 'a\0@desk.test';
    expect((await door.ask('POST', SIGN_IN, { body: { email, password: 'x' } })).status).toBe(400);
  });

  it('is limited by address too, over accounts, and a header of the caller is no other address', async () => {
    const few = await startTestDesk({}, { triesPerMinute: 5, publicUrl: 'https://desk.test' });
    try {
      const attempt = (app: App, n: number, headers: Record<string, string> = {}) =>
        askApp(app, 'POST', SIGN_IN, {
          body: { email: `nobody${n}@desk.test`, password: 'not this one' },
          headers: { ...OURS, origin: 'https://desk.test', ...headers },
        });
      const forged = (n: number) => ({
        ...{ 'x-forwarded-for': `10.0.0.${n}`, 'x-holdfast-address': `10.0.0.${n}` },
      });
      const answers = [];
      for (let n = 0; n < 8; n += 1) answers.push(await attempt(few.app, n, forged(n)));
      expect(statusesOf(answers)).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
      const behind = await createApp({ ...few.deps, proxies: 1 });
      const told = (address: string) => ({ 'x-forwarded-for': `10.9.9.9, ${address}` });
      for (let n = 0; n < 5; n += 1)
        expect((await attempt(behind, n, told('10.1.0.1'))).status).toBe(401);
      expect((await attempt(behind, 6, told('10.1.0.1'))).status).toBe(429);
      expect((await attempt(behind, 7, told('10.1.0.2'))).status).toBe(401);
    } finally {
      await few.stop();
    }
  });

  it('learns no address from how long an answer takes', async () => {
    const { email } = await door.invited('cal');
    const known: number[] = [];
    const unknown: number[] = [];
    for (let n = 0; n < 7; n += 1) {
      for (const [who, times] of [
        [email, known],
        [`nobody${n}@desk.test`, unknown],
      ] as const) {
        const before = performance.now();
        await door.signIn(who, 'not this one');
        times.push(performance.now() - before);
      }
    }
    const median = (times: number[]): number => times.toSorted((a, b) => a - b)[3] ?? 0;
    const ratio = median(known) / median(unknown);
    expect(ratio).toBeGreaterThan(1 / 3);
    expect(ratio).toBeLessThan(3);
  });
});

describe('better-auth', () => {
  it('is open only where this desk needs it', async () => {
    const { email, cookie } = await door.invited('dan');
    for (const [method, path] of [
      ...(['sign-up/email', 'update-user', 'change-email', 'delete-user'] as const).map(
        (one) => ['POST', one] as const,
      ),
      ...(['verify-password', 'update-session', 'link-social', 'unlink-account'] as const).map(
        (one) => ['POST', one] as const,
      ),
      ...(['two-factor/send-otp', 'get-access-token', 'send-verification-email'] as const).map(
        (one) => ['POST', one] as const,
      ),
      ...(['list-accounts', 'ok', 'error', 'verify-email?token=x', 'account-info'] as const).map(
        (one) => ['GET', one] as const,
      ),
      ['GET', 'reset-password/x?callbackURL=/x'],
      ['PUT', 'sign-in/email'],
    ] as const) {
      const body = method === 'GET' ? undefined : { email, password: PASSWORD };
      const { status } = await door.ask(method, `/api/auth/${path}`, { cookie, body });
      expect({ path, isOpen: status !== 404 && status !== 405 }).toEqual({ path, isOpen: false });
    }
  });

  it('does nothing for a page of another origin, or one that does not say its origin', async () => {
    const { cookie } = await door.invited('eva');
    for (const path of [
      ...['sign-out', 'revoke-sessions', 'revoke-other-sessions', 'change-password'],
      ...['two-factor/enable', 'two-factor/disable', 'sign-in/email', 'sign-in/social'],
    ]) {
      const headers = { 'content-type': 'application/json' };
      const body = { password: PASSWORD, email: 'eva@desk.test', provider: 'sso' };
      for (const more of [{ origin: 'https://evil.test' }, { origin: 'null' }, {}]) {
        const answer = await door.ask('POST', `/api/auth/${path}`, {
          ...{ cookie, body, headers: { ...headers, ...more } },
        });
        expect({ path, status: answer.status }).toEqual({ path, status: 403 });
      }
    }
    expect(await door.isIn(cookie)).toBe(true);
  });

  it('sends nobody to another site', async () => {
    const { email } = await door.invited('fay');
    for (const elsewhere of [
      'https://evil.test/',
      '//evil.test/',
      '/\\evil.test',
      'javascript:1',
    ]) {
      for (const [path, body] of [
        ['sign-in/email', { email, password: PASSWORD, callbackURL: elsewhere }],
        ['request-password-reset', { email, redirectTo: elsewhere }],
        ['sign-in/social', { provider: 'sso', callbackURL: elsewhere }],
        ['sign-in/social', { provider: 'sso', errorCallbackURL: elsewhere }],
        ['sign-in/social', { provider: 'sso', newUserCallbackURL: elsewhere }],
      ] as const) {
        const answer = await door.ask('POST', `/api/auth/${path}`, { body });
        expect(answer.status, `${path} ${elsewhere}`).toBe(403);
      }
    }
    expect(await door.linksMailedTo('fay@desk.test')).toHaveLength(1);
  });

  it('survives that Postgres ends its connections', async () => {
    const { cookie } = await door.invited('gil');
    await desk.sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'holdfast-accounts' and datname = current_database()`;
    await eventually(async () => expect(await door.isIn(cookie)).toBe(true));
  });
});

describe('a cookie', () => {
  it('leaves no https desk but over https', async () => {
    const secure = await startTestDesk({}, { publicUrl: 'https://desk.test' });
    try {
      const id = await secure.addUser('hal');
      const { accounts } = secure.deps;
      await secure.sql`
        insert into auth."account" ("id", "accountId", "providerId", "userId", "password", "updatedAt")
        values ('a', ${id}, 'credential', ${id}, ${await accounts.hashPassword(PASSWORD)}, now())`;
      const answer = await askApp(secure.app, 'POST', SIGN_IN, {
        ...{ body: { email: 'hal@desk.test', password: PASSWORD } },
        headers: { ...OURS, origin: 'https://desk.test' },
      });
      expect(answer.status).toBe(200);
      const [cookie] = answer.cookies;
      for (const flag of [/^__Secure-holdfast\./, /; Secure/i, /; HttpOnly/i, /; SameSite=Lax/i])
        expect(cookie).toMatch(flag);
      expect(cookie).toMatch(/; Path=\/(;|$)/);
    } finally {
      await secure.stop();
    }
  });

  it('that is forged, cut or somebody’s idea lets nobody in', async () => {
    const { cookie } = await door.invited('ida');
    const [name, value = ''] = cookie.split('=');
    const [token = ''] = decodeURIComponent(value).split('.');
    for (const one of [token, `${token}.`, `${token}.${Buffer.alloc(32).toString('base64')}`, 'x'])
      expect(await door.isIn(`${name}=${encodeURIComponent(one)}`)).toBe(false);
    expect(await door.isIn(cookie)).toBe(true);
  });

  it('lasts longer when it is used', async () => {
    const { id, cookie } = await door.invited('jon');
    const fresh = await door.ask('GET', '/api/v1/me', { cookie });
    expect(fresh.cookies).toEqual([]);
    await desk.sql`
      update auth."session" set "expiresAt" = "expiresAt" - interval '2 days' where "userId" = ${id}`;
    const used = await door.ask('GET', '/api/v1/me', { cookie });
    expect(cookieOf(used)).toBe(cookie);
    expect(used.cookies[0]).toMatch(/Max-Age=2592000/);
  });

  it('ends every stream of events with the session: signed out everywhere, or deactivated', async () => {
    const person = await door.invited('kim');
    const other = cookieOf(await door.signIn(person.email));
    const ended = async (cookie: string, end: () => Promise<unknown>): Promise<void> => {
      const response = await watchful.request('http://desk.test/api/v1/events', {
        headers: { cookie },
      });
      expect(response.status).toBe(200);
      const reader = response.body?.getReader();
      await reader?.read();
      await end();
      for (let done = false; !done;) done = (await reader?.read())?.done ?? true;
    };
    await ended(other, () =>
      door.ask('POST', '/api/auth/revoke-sessions', { cookie: person.cookie, body: {} }),
    );
    const again = cookieOf(await door.signIn(person.email));
    await ended(again, () =>
      desk.call('PUT', `/api/v1/users/${person.id}`, {
        ...{ name: 'kim', email: person.email, role: 'agent', active: false },
      }),
    );
    expect(await door.signIn(person.email)).toMatchObject({
      ...{ status: 403, json: { code: 'DEACTIVATED' } },
    });
  });
});

describe('a link that lets in', () => {
  it('is nowhere to be read in the database once it has been mailed', async () => {
    const { id, email } = await door.invited('leo');
    await door.ask('POST', '/api/auth/request-password-reset', { body: { email } });
    const token = await door.tokenMailedTo(email, 'reset-password');
    await eventually(async () => {
      const rows = await desk.sql`select url from account_mails where user_id = ${id}`;
      expect(rows.map(({ url }) => url)).toEqual([null, null]);
    });
    const rows = await desk.sql<{ line: string }[]>`
      select v::text as line from auth."verification" v union all select i::text from invitations i`;
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.filter(({ line }) => line.includes(token))).toEqual([]);
  });

  it('is mailed three times an hour at most, and only to those who have a password', async () => {
    const { email } = await door.invited('mia');
    await desk.addUser('new');
    const forgot = (one: string) =>
      door.ask('POST', '/api/auth/request-password-reset', { body: { email: one } });
    const answers = [];
    for (let n = 0; n < 4; n += 1) answers.push(await forgot(email));
    answers.push(await forgot('new@desk.test'), await forgot('nobody@desk.test'));
    expect(
      new Set(answers.map(({ status, json }) => `${status} ${JSON.stringify(json)}`)).size,
    ).toBe(1);
    await eventually(async () => expect(await door.linksMailedTo(email)).toHaveLength(4));
    const [queued] =
      await desk.sql`select count(*)::int as n from account_mails where state = 'queued'`;
    expect(queued?.['n']).toBe(0);
    expect(await door.linksMailedTo('new@desk.test')).toEqual([]);
  });

  it('of a second invitation ends the sessions from before, and does not pass by the second factor', async () => {
    const person = await door.invited('ned');
    const { secret, cookie } = await door.withSecondFactor(person.cookie);
    expect(await door.isIn(cookie)).toBe(true);
    await desk.call('POST', `/api/v1/users/${person.id}/invite`, undefined, 200);
    const token = await door.tokenMailedTo(person.email, 'invite', 2);
    const password = 'a password of today';
    const answer = await door.ask('POST', `/api/v1/invitations/${token}/accept`, {
      ...{ body: { password }, headers: { ...OURS, 'idempotency-key': 'once' } },
    });
    expect(answer).toMatchObject({ status: 201, json: { signedIn: false } });
    expect(await door.isIn(cookie)).toBe(false);
    expect(await door.isIn(cookieOf(answer))).toBe(false);
    const whole = await door.ask('POST', '/api/auth/two-factor/verify-totp', {
      ...{ cookie: cookieOf(answer), body: { code: totp(secret) } },
    });
    expect(await door.isIn(cookieOf(whole))).toBe(true);
  });
});

describe('a second factor', () => {
  it('is guessed ten times at most, over as many sign-ins as one likes', async () => {
    const person = await door.invited('ola');
    const { secret, backupCodes } = await door.withSecondFactor(person.cookie);
    const right = totp(secret);
    const wrong = right === '000000' ? '000001' : '000000';
    const statuses: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      const half = cookieOf(await door.signIn(person.email));
      for (let n = 0; n < 3; n += 1) {
        const { status } = await door.ask('POST', '/api/auth/two-factor/verify-totp', {
          ...{ cookie: half, body: { code: wrong } },
        });
        statuses.push(status);
      }
    }
    expect(statuses.slice(0, 10)).toEqual(Array(10).fill(401));
    expect(statuses.slice(10)).toEqual([429, 429]);
    const half = cookieOf(await door.signIn(person.email));
    for (const [way, code] of [
      ['verify-totp', totp(secret)],
      ['verify-backup-code', backupCodes[0]],
    ]) {
      const { status } = await door.ask('POST', `/api/auth/two-factor/${way}`, {
        ...{ cookie: half, body: { code } },
      });
      expect(status).toBe(429);
    }
  });

  it('opens a session of its own, and a recovery code works once', async () => {
    const person = await door.invited('pam');
    const { backupCodes } = await door.withSecondFactor(person.cookie);
    const [code] = backupCodes;
    const recover = async () => {
      const half = cookieOf(await door.signIn(person.email));
      const answer = await door.ask('POST', '/api/auth/two-factor/verify-backup-code', {
        ...{ cookie: half, body: { code } },
      });
      return { half, answer };
    };
    const { half, answer } = await recover();
    expect(answer.status).toBe(200);
    const tokenOf = (cookie: string) => /holdfast\.session_token=[^;]*/.exec(cookie)?.[0];
    expect(await door.isIn(cookieOf(answer))).toBe(true);
    expect(tokenOf(half) ?? '').not.toBe(tokenOf(cookieOf(answer)));
    expect((await recover()).answer.status).toBe(401);
  });

  it('is taken away by an admin alone, who is named, and only with every session', async () => {
    const person = await door.invited('quin');
    const { cookie } = await door.withSecondFactor(person.cookie);
    const path = `/api/v1/users/${person.id}/second-factor`;
    expect(await door.isIn(cookie)).toBe(true);
    expect((await door.ask('DELETE', path, { cookie })).status).toBe(403);
    await desk.call('DELETE', path, undefined, 204);
    expect(await door.isIn(cookie)).toBe(false);
    const plain = await door.signIn(person.email);
    expect(plain.json['twoFactorRedirect']).toBeUndefined();
    expect(await door.isIn(cookieOf(plain))).toBe(true);
    const { items } = await desk.call(
      'GET',
      `/api/v1/audit-log?subjectId=${person.id}&subjectKind=account`,
    );
    expect(items).toMatchObject([
      {
        actor: { userId: desk.adminId },
        changes: [{ field: 'twoFactor', before: true, after: false }],
      },
      {
        actor: { userId: person.id },
        changes: [{ field: 'twoFactor', before: false, after: true }],
      },
    ]);
  });
});

describe('what an admin sees of an account', () => {
  it('tells invited from come, and is for admins', async () => {
    const id = await desk.addUser('rex');
    const path = `/api/v1/users/${id}/account`;
    expect(await desk.call('GET', path)).toEqual({
      ...{ signsInBy: [], twoFactor: false, lastSignInAt: null },
      ...{ invitedUntil: null, invitationMail: null },
    });
    await desk.call('POST', `/api/v1/users/${id}/invite`, undefined, 200);
    await eventually(async () =>
      expect(await desk.call('GET', path)).toMatchObject({
        ...{ signsInBy: [], invitedUntil: expect.any(String) },
        invitationMail: { state: 'sent', failure: null },
      }),
    );
    const token = await door.tokenMailedTo('rex@desk.test');
    await door.ask('POST', `/api/v1/invitations/${token}/accept`, { body: { password: PASSWORD } });
    expect(await desk.call('GET', path)).toMatchObject({
      ...{ signsInBy: ['password'], lastSignInAt: expect.any(String), invitedUntil: null },
    });
    const key = await makeToken(desk.sql, id, ['read', 'write', 'admin']);
    for (const [method, one] of [
      ['GET', path],
      ['POST', `/api/v1/users/${id}/invite`],
    ] as const) {
      const { status } = await door.ask(method, one, {
        headers: { authorization: `Bearer ${key}` },
      });
      expect(status).toBe(403);
    }
    const { items } = await desk.call('GET', '/api/v1/audit-log?subjectKind=invitation&limit=2');
    expect(items.map((one: any) => [one.action, one.actor.userId])).toEqual([
      ['changed', id],
      ['created', desk.adminId],
    ]);
    expect(JSON.stringify(items)).not.toContain('token');
  });
});

describe('a mail of an account', () => {
  it('leaves once when nobody worked as it was asked for, and when its workflow was lost', async () => {
    const id = await desk.addUser('sue');
    await desk.stopWorkers();
    await desk.call('POST', `/api/v1/users/${id}/invite`, undefined, 200);
    expect(await door.linksMailedTo('sue@desk.test')).toEqual([]);
    await desk.startWorkers();
    await door.tokenMailedTo('sue@desk.test');
    const lost = await desk.addUser('tim');
    await desk.sql.begin(async (tx) => {
      const url = 'http://desk.test/invite?token=lost';
      await insertAccountMail(tx, { userId: lost, kind: 'invitation', url });
      await tx`delete from relay_outbox where kind = 'accountMail'`;
      await tx`update account_mails set created_at = now() - interval '2 minutes' where user_id = ${lost}`;
    });
    const deps = { sql: desk.sql, client: desk.client, tickets: desk.tickets, queues: TASK_QUEUES };
    expect((await reconcileOnce(deps, false)).stuckAccountMails).toBe(1);
    await door.tokenMailedTo('tim@desk.test');
    await eventually(async () =>
      expect((await reconcileOnce(deps, false)).stuckAccountMails).toBe(0),
    );
    expect(await door.linksMailedTo('sue@desk.test')).toHaveLength(1);
    expect(await door.linksMailedTo('tim@desk.test')).toHaveLength(1);
  });

  it('that does not get through says so to the admin in the server’s words, and needs no channel of tickets', async () => {
    const id = await desk.addUser('ulf');
    const { settings } = desk.channel;
    // A port where nobody listens: tried again, so the workflow waits.
    const smtp = { host: '127.0.0.1', port: 9, secure: false };
    await updateChannel(desk.sql, {
      ...{
        id: desk.channel.id,
        name: 'Support',
        address: desk.channel.address ?? '',
        enabled: true,
      },
      settings: { ...settings, smtp },
    });
    await desk.call('POST', `/api/v1/users/${id}/invite`, undefined, 200);
    await eventually(async () => {
      const { invitationMail } = await desk.call('GET', `/api/v1/users/${id}/account`);
      expect(invitationMail).toMatchObject({
        state: 'queued',
        failure: { text: expect.stringContaining('ECONNREFUSED') },
      });
    });
    await updateChannel(desk.sql, {
      ...{
        id: desk.channel.id,
        name: 'Support',
        address: desk.channel.address ?? '',
        enabled: false,
        settings,
      },
    });
    // The desk has no channel at all now, as before its first one: the mail leaves from the desk's own host.
    const [mail] = await desk.sql<{ id: string }[]>`
      select id from account_mails where user_id = ${id} and state = 'queued'`;
    await desk.client.workflow.getHandle(accountMailWorkflowId(mail?.id ?? '')).signal('retryNow');
    await door.tokenMailedTo('ulf@desk.test');
  });
});
