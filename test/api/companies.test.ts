// Contacts and companies: pages, edits by version, and whom a company's domain claims.
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

const call = (method: string, path: string, body?: unknown, expected?: number) =>
  desk.call(method, `/api/v1${path}`, body, expected);
const contact = async (email: string) => (await call('POST', '/contacts', { email }))['id'];
const companyIdOf = async (id: string) => (await call('GET', `/contacts/${id}`))['companyId'];

describe('a company that claims a domain', () => {
  it('gets the contacts who are there and those who come, by the API and by a ticket', async () => {
    const before = await contact('one@claimed.test');
    const elsewhere = await contact('one@sub.claimed.test');
    const { id, domain } = await call('POST', '/companies', {
      name: 'Claimed',
      domain: 'Claimed.TEST',
    });
    expect(domain).toBe('claimed.test');
    expect(await companyIdOf(before)).toBe(id);
    expect(await companyIdOf(elsewhere)).toBeNull();
    expect(await companyIdOf(await contact('Two@CLAIMED.test'))).toBe(id);
    const requester = { email: 'three@claimed.test' };
    const ticket = await call('POST', '/tickets', { subject: 'T', requester });
    expect(await companyIdOf(ticket['requester'].id)).toBe(id);
    const [row] = await desk.sql`select company_id from tickets where id = ${ticket['id']}`;
    expect(row?.['company_id']).toBe(id);
    const people = await call('GET', `/contacts?companyId=${id}`);
    expect(people['items']).toHaveLength(3);
  });

  it('of another company is refused, and so is one where everybody can have an address', async () => {
    await call('POST', '/companies', { name: 'First', domain: 'taken.test' });
    const again = { name: 'Second', domain: 'TAKEN.test' };
    expect(await call('POST', '/companies', again, 409)).toMatchObject({ code: 'nameTaken' });
    const free = await contact('somebody@gmail.com');
    const claim = { name: 'Everybody', domain: 'GMail.com' };
    expect(await call('POST', '/companies', claim, 422)).toMatchObject({
      code: 'invalidRequest',
      errors: [{ pointer: '/domain' }],
    });
    const { id } = await call('POST', '/companies', { name: 'Everybody' });
    await call('PATCH', `/companies/${id}`, { domain: 'hotmail.com' }, 422);
    expect(await companyIdOf(free)).toBeNull();
  });

  it('and changes it gives up those of the old one and keeps whom a person put there', async () => {
    const old = await contact('a@old.test');
    const next = await contact('b@next.test');
    const { id } = await call('POST', '/companies', { name: 'Moving', domain: 'old.test' });
    const byHand = await call('POST', '/contacts', { name: 'By hand', companyId: id });
    await call('PATCH', `/companies/${id}`, { domain: 'next.test' });
    expect(await companyIdOf(old)).toBeNull();
    expect(await companyIdOf(next)).toBe(id);
    expect(await companyIdOf(byHand['id'])).toBe(id);
    await call('PATCH', `/companies/${id}`, { domain: null });
    expect(await companyIdOf(next)).toBeNull();
  });
});

describe('a company', () => {
  it('without tickets can be forgotten, and its contacts stay; one that is in use cannot', async () => {
    const { id } = await call('POST', '/companies', { name: 'Gone', domain: 'gone.test' });
    const person = await contact('a@gone.test');
    await call('DELETE', `/companies/${id}`, undefined, 204);
    await call('GET', `/companies/${id}`, undefined, 404);
    await call('DELETE', `/companies/${id}`, undefined, 404);
    expect(await companyIdOf(person)).toBeNull();
    const used = await call('POST', '/companies', { name: 'Used', domain: 'used.test' });
    await call('POST', '/tickets', { subject: 'T', requester: { email: 'a@used.test' } });
    const refused = await call('DELETE', `/companies/${used['id']}`, undefined, 409);
    expect(refused['code']).toBe('inUse');
    expect((await call('GET', '/contacts?q=a@used.test'))['items'][0].companyId).toBe(used['id']);
    const ruled = await call('POST', '/companies', { name: 'Ruled' });
    await call('POST', '/routing-rules', {
      name: 'Ruled',
      conditions: [{ field: 'companyId', op: 'is', value: ruled['id'] }],
      assign: { userId: desk.adminId },
    });
    await call('DELETE', `/companies/${ruled['id']}`, undefined, 409);
  });

  it('is saved only from the version that was read', async () => {
    const { id, version } = await call('POST', '/companies', { name: 'Versioned' });
    const saved = await call('PATCH', `/companies/${id}`, { name: 'Newer', version });
    expect(saved).toMatchObject({ name: 'Newer', version: version + 1 });
    const stale = await call('PATCH', `/companies/${id}`, { name: 'Stale', version }, 409);
    expect(stale['code']).toBe('versionConflict');
    await desk.call('PATCH', `/api/v1/companies/${id}`, { name: 'X' }, 409, { 'if-match': '"1"' });
  });

  it('is found by a piece of its name or domain, and pages come one after another', async () => {
    for (const n of [1, 2, 3]) {
      await call('POST', '/companies', { name: `Paged ${n} 100%`, domain: `paged${n}.test` });
    }
    const names: string[] = [];
    let cursor = '';
    do {
      const page = await call('GET', `/companies?q=PAGED&limit=2${cursor}`);
      names.push(...page['items'].map((one: { name: string }) => one.name));
      cursor = page['nextCursor'] === null ? '' : `&cursor=${page['nextCursor']}`;
    } while (cursor !== '');
    expect(names).toEqual(['Paged 1 100%', 'Paged 2 100%', 'Paged 3 100%']);
    expect((await call('GET', '/companies?q=paged2.t'))['items']).toHaveLength(1);
    // What a search for "%" finds has a per cent sign in it.
    expect((await call('GET', '/companies?q=%25'))['items']).toHaveLength(3);
    await call('GET', '/companies?cursor=nonsense', undefined, 422);
  });
});

describe('a contact', () => {
  it('is changed by what the request names, and nothing else', async () => {
    const { id } = await call('POST', '/contacts', { email: 'Ann@person.test', phone: '+4912345' });
    const named = await call('PATCH', `/contacts/${id}`, { name: 'Ann' });
    expect(named).toMatchObject({ email: 'ann@person.test', phone: '+4912345', name: 'Ann' });
    const cleared = await call('PATCH', `/contacts/${id}`, { phone: null, version: 2 });
    expect(cleared).toMatchObject({ phone: null, name: 'Ann', version: 3 });
    await call('PATCH', `/contacts/${id}`, { name: 'Late', version: 2 }, 409);
    const { id: companyId } = await call('POST', '/companies', { name: 'New', domain: 'new.test' });
    const moved = await call('PATCH', `/contacts/${id}`, { email: 'ann@new.test' });
    expect(moved['companyId']).toBe(companyId);
    const none = { email: null, name: null };
    expect((await call('PATCH', `/contacts/${id}`, none, 422))['code']).toBe('invalidRequest');
    await call('POST', '/contacts', {}, 422);
  });

  it('has an address of its own and a company that exists', async () => {
    await contact('unique@person.test');
    const twice = await call('POST', '/contacts', { email: 'UNIQUE@person.test' }, 409);
    expect(twice['code']).toBe('nameTaken');
    const companyId = '00000000-0000-7000-8000-00000000ffff';
    const lost = await call('POST', '/contacts', { name: 'X', companyId }, 422);
    expect(lost['code']).toBe('unknownReference');
  });

  it('who has written is kept, one who has not can be forgotten', async () => {
    const idle = await contact('idle@person.test');
    await call('DELETE', `/contacts/${idle}`, undefined, 204);
    await call('GET', `/contacts/${idle}`, undefined, 404);
    const requester = { email: 'busy@person.test' };
    const ticket = await call('POST', '/tickets', { subject: 'T', requester });
    const path = `/contacts/${ticket['requester'].id}`;
    expect((await call('DELETE', path, undefined, 409))['code']).toBe('inUse');
  });
});
