// Canned replies: everybody sees what is theirs, changes what they may, and nothing a customer calls themselves becomes markup.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callApi, makeToken, startTestDesk } from '#test/support/desk.ts';
import type { Json, TestDesk } from '#test/support/desk.ts';

let desk: TestDesk;
let supportId: string;
const tokens: Record<string, string> = {};
beforeAll(async () => {
  desk = await startTestDesk();
  const people = ['lead', 'member', 'stranger'];
  const [lead, member] = await Promise.all(
    people.map(async (name) => {
      const id = await desk.addUser(name);
      tokens[name] = await makeToken(desk.sql, id, ['read', 'write']);
      return id;
    }),
  );
  tokens['admin'] = await makeToken(desk.sql, desk.adminId, ['read', 'write', 'admin']);
  const team = await desk.call('POST', '/api/v1/teams', {
    name: 'Support',
    members: [{ userId: lead, lead: true }, { userId: member }],
  });
  supportId = team['id'];
});
afterAll(async () => {
  await desk.stop();
});

const as = (who: string, method: string, path: string, body?: unknown, expected?: number) =>
  callApi(desk.app, tokens[who] ?? '', {
    ...{ method, path: `/api/v1/canned-replies${path}`, body, expected },
  });
let counter = 0;
const make = (who: string, more: object = {}, expected = 201): Promise<Json> => {
  counter += 1;
  return as(who, 'POST', '', { name: `Reply ${counter}`, body: 'Hello', ...more }, expected);
};

describe('a canned reply', () => {
  it('is seen and changed by whom it is for: every visibility, everybody', async () => {
    const teamIds = [supportId];
    const made: Record<string, Json> = {
      private: await make('lead'),
      team: await make('lead', { visibility: 'team', teamIds }),
      everyone: await make('admin', { visibility: 'everyone' }),
    };
    const table: Record<string, Record<string, [see: boolean, change: boolean]>> = {
      private: {
        ...{ lead: [true, true], member: [false, false] },
        ...{ stranger: [false, false], admin: [false, false] },
      },
      team: {
        ...{ lead: [true, true], member: [true, false] },
        ...{ stranger: [false, false], admin: [true, true] },
      },
      everyone: {
        ...{ lead: [true, false], member: [true, false] },
        ...{ stranger: [true, false], admin: [true, true] },
      },
    };
    for (const [visibility, rows] of Object.entries(table)) {
      const { id, name } = made[visibility] ?? {};
      for (const [who, [see, change]] of Object.entries(rows)) {
        const listed = (await as(who, 'GET', ''))['items'].map((one: Json) => one['id']);
        expect([visibility, who, listed.includes(id)]).toEqual([visibility, who, see]);
        await as(who, 'GET', `/${id}`, undefined, see ? 200 : 404);
        const ids = visibility === 'team' ? teamIds : [];
        const body = { name, body: 'Changed', visibility, teamIds: ids };
        await as(who, 'PUT', `/${id}`, body, change ? 200 : see ? 403 : 404);
      }
    }
    for (const { id } of Object.values(made))
      await as(
        'stranger',
        'DELETE',
        `/${id}`,
        undefined,
        id === made['everyone']?.['id'] ? 403 : 404,
      );
    await as('lead', 'DELETE', `/${made['private']?.['id']}`, undefined, 204);
  });

  it('is shared by nobody but admins and leads of its teams', async () => {
    await make('member', { visibility: 'team', teamIds: [supportId] }, 403);
    await make('lead', { visibility: 'everyone' }, 403);
    await make('member', { visibility: 'team' }, 422);
    await make('lead', { teamIds: [supportId] }, 422);
    const own = await make('member');
    const body = { name: 'X', body: 'X', visibility: 'everyone' };
    await as('member', 'PUT', `/${own['id']}`, body, 403);
  });

  it('that names no placeholder is refused by its name', async () => {
    const refused = await make('lead', { body: 'Hi {{requester.frstName|x}}' }, 422);
    expect(refused['errors']).toEqual([
      { pointer: '/body', message: '{{requester.frstName}} is no placeholder' },
    ]);
  });

  it('takes no shared shortcut twice; private ones are each one’s own', async () => {
    await make('lead', { visibility: 'team', teamIds: [supportId], shortcut: 'ty' });
    await make('admin', { visibility: 'everyone', shortcut: 'TY' }, 409);
    await make('lead', { shortcut: 'ty' });
    await make('member', { shortcut: 'ty' });
    await make('member', { shortcut: 'ty' }, 409);
  });

  it('is filled in for a ticket, and a hostile name stays a name', async () => {
    const ticket = await desk.call('POST', '/api/v1/tickets', {
      subject: 'Printer <b>on fire</b>',
      body: 'Hi',
      requester: { email: 'eve@customer.test', name: 'javascript:alert(1) <img src=x onerror=y>' },
    });
    const { id } = await make('lead', {
      body: 'Hi {{requester.name}}, #{{ticket.id}} {{ticket.subject}} {{company.name}}{{team.name|us}} {{agent.name}}',
      bodyHtml: '<p>{{ticket.subject}}</p><a href="{{requester.name}}">x</a><b onclick="x">y</b>',
    });
    const filled = await as('lead', 'POST', `/${id}/render`, { ticketId: ticket['id'] }, 200);
    expect(filled['body']).toBe(
      `Hi javascript:alert(1) <img src=x onerror=y>, #${ticket['id']} Printer <b>on fire</b> us lead`,
    );
    expect(filled['missing']).toEqual(['company.name']);
    expect(filled['bodyHtml']).toContain('<p>Printer &lt;b&gt;on fire&lt;/b&gt;</p>');
    expect(filled['bodyHtml']).not.toMatch(/javascript|onclick|<img/);
    await as('lead', 'POST', `/${id}/render`, { ticketId: 999_999 }, 404);
    await as('stranger', 'POST', `/${id}/render`, { ticketId: ticket['id'] }, 404);
    const tried = await as(
      'stranger',
      'POST',
      '/preview',
      {
        ...{ body: '{{requester.email}}', ticketId: ticket['id'] },
      },
      200,
    );
    expect(tried['body']).toBe('eve@customer.test');
  });

  it('that is shared is in the audit log, and a private one is not', async () => {
    const secret = await make('lead', { body: 'secret' });
    const shared = await make('admin', { visibility: 'everyone' });
    const logged = async (id: string) =>
      (await desk.call('GET', `/api/v1/audit-log?subjectId=${id}`))['items'].length;
    expect([await logged(secret['id']), await logged(shared['id'])]).toEqual([0, 1]);
  });

  it('is found by name and shortcut, by name, page by page', async () => {
    for (const name of ['Zeta one', 'Alpha one', 'Beta'])
      await make('stranger', { name, shortcut: `s${name.slice(0, 3)}` });
    const found = await as('stranger', 'GET', '?q=ONE&limit=1');
    expect(found['items'].map((one: Json) => one['name'])).toEqual(['Alpha one']);
    const next = await as('stranger', 'GET', `?q=ONE&limit=1&cursor=${found['nextCursor']}`);
    expect(next['items'].map((one: Json) => one['name'])).toEqual(['Zeta one']);
    expect((await as('stranger', 'GET', '?q=sbet'))['items']).toHaveLength(1);
  });
});

describe('what could be answered', () => {
  const recommended = async (who: string, id: number): Promise<[string, string[]][]> => {
    const path = `/api/v1/tickets/${id}/recommended-replies`;
    const { items } = await callApi(desk.app, tokens[who] ?? '', { method: 'GET', path });
    return items.map((one: Json) => [one['name'], one['matched']]);
  };
  const asks = async (subject: string, body: string): Promise<number> => {
    const requester = { email: 'ann@customer.test', name: 'Ann' };
    return (await desk.call('POST', '/api/v1/tickets', { subject, body, requester }))['id'];
  };
  const everyone = { visibility: 'everyone' };

  it('is told by the words that few other replies have, in the ticket’s language, best first, with those words', async () => {
    const hello = 'Hello {{requester.firstName|there}}, thank you for writing to us. Please';
    await make('admin', {
      ...everyone,
      name: 'Refund',
      body: `${hello} expect the refund of your invoice within ten days.`,
    });
    await make('admin', {
      ...everyone,
      name: 'Invoice copy',
      body: `${hello} find the invoice attached.`,
    });
    await make('admin', {
      ...everyone,
      name: 'Reset of a password',
      body: `${hello} use the link on the sign-in page.`,
    });
    const id = await asks(
      'Money back',
      'Hello there, thank you for the quick delivery. Sadly it broke, and I would like to be refunded. When do refunds for paid invoices arrive?',
    );
    const found = await recommended('member', id);
    expect(found.map(([name]) => name)).toEqual(['Refund', 'Invoice copy']);
    expect(found[0]?.[1].slice(0, 2)).toEqual(['refunded', 'invoices']);
  });

  it('is nothing when nothing fits: greetings and placeholders recommend no reply', async () => {
    const id = await asks(
      'Requester firstName',
      'Hello there, thank you for writing to us about the weather on the mountains yesterday.',
    );
    expect((await recommended('member', id)).map(([name]) => name)).toEqual([]);
  });

  it('is only what the asker may use, and only with a seat', async () => {
    await make('lead', { name: 'Zeppelin rides', body: 'Our zeppelin flies again in May.' });
    const id = await asks('Zeppelin', 'Does your zeppelin fly these days, and may I bring a dog?');
    expect((await recommended('lead', id)).map(([name]) => name)).toContain('Zeppelin rides');
    expect((await recommended('member', id)).map(([name]) => name)).not.toContain('Zeppelin rides');
    const without = await desk.addUser('noseat');
    await desk.sql`update users set seat = false where id = ${without}`;
    const token = await makeToken(desk.sql, without, ['read']);
    const path = `/api/v1/tickets/${id}/recommended-replies`;
    await callApi(desk.app, token, { method: 'GET', path, expected: 403 });
  });
});
