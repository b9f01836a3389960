// What admins save: references that exist, secrets that stay, versions that are checked, and keys that are never kept in clear.
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestDesk } from '#test/support/desk.ts';
import type { TestDesk } from '#test/support/desk.ts';

let desk: TestDesk;
beforeAll(async () => {
  desk = await startTestDesk();
});
afterAll(async () => {
  await desk.stop();
});

const NOWHERE = '00000000-0000-7000-8000-00000000dead';
const call = (method: string, path: string, body?: unknown, expected?: number, headers?: any) =>
  desk.call(method, `/api/v1${path}`, body, expected, headers);
const policy = (more: object = {}) => ({
  name: 'P',
  goals: { firstReply: { seconds: 60 } },
  ...more,
});
const escalation = (action: object) =>
  policy({ escalations: [{ goal: 'firstReply', when: 'overdue', actions: [action] }] });

describe('a rule or policy that names something unknown is refused at save, not met by the ticket', () => {
  it.for([
    ['routing rule to a team', '/routing-rules', { name: 'R', assign: { teamId: NOWHERE } }],
    ['routing rule to a user', '/routing-rules', { name: 'R', assign: { userId: NOWHERE } }],
    [
      'reassign to a team',
      '/sla-policies',
      escalation({ type: 'reassign', to: { teamId: NOWHERE } }),
    ],
    [
      'reassign to a user',
      '/sla-policies',
      escalation({ type: 'reassign', to: { userId: NOWHERE } }),
    ],
    ['notify a user', '/sla-policies', escalation({ type: 'notify', to: { userId: NOWHERE } })],
    ['a calendar', '/sla-policies', policy({ calendarId: NOWHERE })],
  ] as const)('%s', async ([, path, body]) => {
    const answer = await call('POST', path, body, 422);
    expect(answer['code']).toBe('unknownReference');
  });

  it.for([
    ['contains', undefined],
    ['is', null],
    ['startsWith', ''],
    ['in', 'text'],
    ['in', []],
    ['is', ['a']],
  ] as const)('a condition that cannot mean anything: %s %j', async ([op, value]) => {
    await call(
      'POST',
      '/routing-rules',
      {
        name: 'R',
        conditions: [{ field: 'subject', op, ...(value === undefined ? {} : { value }) }],
        assign: { userId: desk.adminId },
      },
      422,
    );
  });
});

describe('secrets', () => {
  it('a mailbox password survives an edit made from what the API showed', async () => {
    const settings = { imap: { host: 'h', port: 993, user: 'u', password: 'geheim' } };
    const channel = await call('POST', '/channels', {
      name: 'M',
      address: 'm@desk.test',
      settings,
    });
    expect(JSON.stringify(channel)).not.toContain('geheim');
    const { settings: shown } = await call('GET', `/channels/${channel['id']}`);
    await call('PUT', `/channels/${channel['id']}`, {
      ...{ name: 'Renamed', address: 'm@desk.test', settings: shown },
    });
    const [row] = await desk.sql<{ settings: any }[]>`
      select settings from channels where id = ${channel['id']}`;
    expect(row?.settings.imap.password).toBe('geheim');
  });

  it.for([
    ['host', { host: 'evil.test' }],
    ['port', { port: 143 }],
    ['user', { user: 'other' }],
    ['security', { secure: false }],
  ] as const)('a hidden mailbox password is not told to another %s', async ([what, change]) => {
    const imap = { host: 'h', port: 993, user: 'u', password: 'geheim' };
    const smtp = { host: 'h', port: 465, user: 'u', password: 'geheim' };
    const address = `hidden-${what}@desk.test`;
    const body = { name: 'M', address, settings: { imap, smtp } };
    const { id, settings: shown } = await call('POST', '/channels', body);
    for (const part of ['imap', 'smtp'] as const) {
      const settings = { ...shown, [part]: { ...shown[part], ...change } };
      const refused = await call('PUT', `/channels/${id}`, { ...body, settings }, 422);
      expect(refused['errors']).toMatchObject([{ pointer: `/settings/${part}/password` }]);
      settings[part] = { ...settings[part], password: 'new' };
      await call('PUT', `/channels/${id}`, { ...body, settings });
      await call('PUT', `/channels/${id}`, body);
    }
    // A server without a login needs no password: the old one does not follow it there.
    const { password: _password, ...open } = { ...smtp, ...change };
    await call('PUT', `/channels/${id}`, { ...body, settings: { smtp: open } });
    const [row] = await desk.sql<
      { settings: any }[]
    >`select settings from channels where id = ${id}`;
    expect(row?.settings.smtp.password).toBeUndefined();
  });

  it('stand for the stored one when a mailbox is tried at the same server, and for nothing elsewhere', async () => {
    const server = new SMTPServer({
      ...{ disabledCommands: ['STARTTLS'], allowInsecureAuth: true },
      onAuth: ({ password }, _session, callback) =>
        password === 'geheim' ? callback(null, { user: 'u' }) : callback(new Error('who is that')),
    });
    await new Promise<void>((resolve) => server.server.listen(0, '127.0.0.1', resolve));
    const { port } = server.server.address() as AddressInfo;
    const smtp = { host: '127.0.0.1', port, user: 'u', password: 'geheim' };
    const attempt = (path: string, servers: object, expected = 200) =>
      call('POST', `/channels${path}/test`, servers, expected);
    expect(await attempt('', { smtp })).toMatchObject({ imap: null, smtp: { ok: true } });
    const wrong = await attempt('', { smtp: { ...smtp, password: 'falsch' } });
    expect(wrong['smtp']).toMatchObject({ fault: 'signIn', tls: null });
    expect(wrong['smtp'].text).toContain('who is that');
    const body = { name: 'Tried', address: 'tried@desk.test', enabled: false, settings: { smtp } };
    const { id, settings: shown } = await call('POST', '/channels', body);
    expect(await attempt(`/${id}`, {})).toMatchObject({ smtp: { ok: true } });
    expect(await attempt(`/${id}`, { settings: shown })).toMatchObject({ smtp: { ok: true } });
    const elsewhere = { smtp: { ...shown.smtp, host: 'localhost' } };
    await attempt(`/${id}`, { settings: elsewhere }, 422);
    await attempt('', { smtp: shown.smtp }, 422);
    await attempt(`/${NOWHERE}`, {}, 404);
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });

  it('asterisks are no password of a new channel', async () => {
    const imap = { host: 'h', port: 993, user: 'u', password: '********' };
    const body = { name: 'M', address: 'stars@desk.test', settings: { imap } };
    const answer = await call('POST', '/channels', body, 422);
    expect(answer['errors']).toMatchObject([{ pointer: '/settings/imap/password' }]);
  });

  it('a new API key is nowhere in the database in clear, even under an Idempotency-Key', async () => {
    const body = { name: 'k', userId: desk.adminId, scopes: ['read'] };
    const headers = { 'idempotency-key': randomUUID() };
    const first = await call('POST', '/api-keys', body, 201, headers);
    const again = await call('POST', '/api-keys', body, 201, headers);
    expect(again['id']).toBe(first['id']);
    const kept = await desk.sql`select response from idempotency_keys`;
    expect(JSON.stringify(kept)).not.toContain(first['token']);
  });
});

describe('a stale edit is refused', () => {
  it.for([
    ['/sla-policies', policy()],
    ['/calendars', { name: 'Cal', timeZone: 'UTC', hours: 'always' }],
    ['/teams', { name: 'Team' }],
    ['/users', { name: 'U', email: 'stale@desk.test', role: 'agent' }],
    ['/routing-rules', { name: 'R', conditions: [], assign: {} }],
    ['/channels', { name: 'C', address: 'stale-channel@desk.test' }],
  ] as const)('%s', async ([path, template]) => {
    const body =
      'assign' in template ? { ...template, assign: { userId: desk.adminId } } : template;
    const made = await call('POST', path, body);
    const saved = await call('PUT', `${path}/${made['id']}`, { ...body, version: made['version'] });
    expect(saved['version']).toBe(made['version'] + 1);
    const stale = await call(
      'PUT',
      `${path}/${made['id']}`,
      { ...body, version: made['version'] },
      409,
    );
    expect(stale['code']).toBe('versionConflict');
    const match = { 'if-match': `"${made['version']}"` };
    await call('PUT', `${path}/${made['id']}`, body, 409, match);
    await call('PUT', `${path}/${made['id']}`, body, 200, { 'if-match': `"${saved['version']}"` });
  });
});

it('a wrong method on a known path is 405 with the methods that exist', async () => {
  const headers = { authorization: `Bearer ${'x'}` };
  const response = await desk.app.request('/healthz', { method: 'DELETE', headers });
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  const answer = await call('DELETE', '/settings', undefined, 405);
  expect(answer['code']).toBe('methodNotAllowed');
  await call('DELETE', '/nonsense', undefined, 404);
});

it('a routing rule can be tried on an imagined ticket', async () => {
  const rule = await call('POST', '/routing-rules', {
    name: 'Imagined',
    conditions: [{ field: 'requesterDomain', op: 'is', value: 'BIG.example' }],
    assign: { userId: desk.adminId },
  });
  const explain = (requesterEmail: string) =>
    call('POST', '/routing-rules/explain', { ticket: { requesterEmail } }, 200);
  const verdict = async (requesterEmail: string) =>
    (await explain(requesterEmail))['rules'].find((one: any) => one.ruleId === rule['id']);
  expect(await verdict('ann@big.example')).toMatchObject({ matched: true, failed: null });
  expect(await verdict('ann@small.example')).toMatchObject({ matched: false });
});
