// Search as people type it: operators find what the list's filters find, names are looked up, and the palette finds people, too.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestDesk } from '#test/support/desk.ts';
import type { Json, TestDesk } from '#test/support/desk.ts';

let desk: TestDesk;
let ids: Record<'printer' | 'scanner' | 'invoice' | 'closed', number>;
const get = (path: string): Promise<Json> => desk.call('GET', `/api/v1${path}`);
const find = async (q: string): Promise<unknown[]> =>
  (await get(`/tickets?sort=-id&q=${encodeURIComponent(q)}`))['items'].map(
    (one: Json) => one['id'],
  );

beforeAll(async () => {
  desk = await startTestDesk();
  const ann = await desk.addUser('Ann Archer', { email: 'ann@desk.test', availability: 'away' });
  const anna = await desk.addUser('Anna Bo', { email: 'anna@desk.test', availability: 'away' });
  const team = await desk.call('POST', '/api/v1/teams', {
    name: 'Big Support',
    strategy: 'manual',
  });
  // Its name is the beginning of the other's: whoever asks for it means it.
  await desk.call('POST', '/api/v1/teams', { name: 'Big', strategy: 'manual' });
  await desk.call('POST', '/api/v1/companies', { name: 'Acme Works', domain: 'acme.test' });
  const make = async (more: object): Promise<number> =>
    (
      await desk.call('POST', '/api/v1/tickets', {
        requester: { email: 'bo@acme.test', name: 'Bo Derek' },
        ...more,
      })
    )['id'];
  ids = {
    printer: await make({
      subject: 'Printer',
      body: 'the paper jam is back',
      assigneeId: ann,
      priority: 'urgent',
    }),
    scanner: await make({
      subject: 'Scanner',
      body: 'paper of a new kind',
      assigneeId: anna,
      tags: ['big deal'],
    }),
    invoice: await make({
      subject: 'Invoice',
      body: 'a jam',
      requester: { email: 'zoe@other.test' },
      teamId: team['id'],
    }),
    closed: await make({ subject: 'Old printer', body: 'gone', assigneeId: ann, status: 'closed' }),
  };
});
afterAll(async () => {
  await desk.stop();
});

describe('the list', () => {
  it.for<[string, (keyof typeof ids)[]]>([
    ['paper', ['scanner', 'printer']],
    ['"paper jam"', ['printer']],
    ['paper -jam', ['scanner']],
    ['-paper', ['closed', 'invoice']],
    ['printer is:open', ['printer']],
    ['status:closed', ['closed']],
    ['status:waitingOnUs', []],
    ['status:"new"', ['invoice', 'scanner', 'printer']],
    ['status:open', ['invoice', 'scanner', 'printer']],
    ['-status:open', ['closed']],
    ['assignee:"Ann Archer" is:open', ['printer']],
    ['assignee:ann@desk.test is:open', ['printer']],
    ['assignee:ann is:open', ['scanner', 'printer']],
    ['assignee:nobody', ['invoice']],
    ['is:unassigned', ['invoice']],
    ['assignee:me', []],
    ['team:"big support"', ['invoice']],
    ['team:"big s"', ['invoice']],
    ['team:big', []],
    ['team:none is:open', ['scanner', 'printer']],
    ['priority:urgent,high', ['printer']],
    ['tag:"big deal"', ['scanner']],
    ['from:other.test', ['invoice']],
    ['from:"Bo Derek" is:open', ['scanner', 'printer']],
    ['company:acme is:open', ['scanner', 'printer']],
    ['channel:email', []],
    ['after:1d is:open', ['invoice', 'scanner', 'printer']],
    ['before:2001-01-01', []],
    ['assignee:stranger', []],
    ['-assignee:stranger is:open', ['invoice', 'scanner', 'printer']],
  ])('finds by %s', async ([q, expected]) => {
    expect(await find(q)).toEqual(expected.map((name) => ids[name]));
  });

  it('finds a number, and says what it took for text', async () => {
    expect(await find(`#${ids.invoice}`)).toEqual([ids.invoice]);
    const { hints, items } = await get('/tickets?q=colour:red%20assignee:stranger');
    expect(items).toEqual([]);
    expect(hints).toMatchObject([{ text: 'colour:red' }, { text: 'assignee:stranger' }]);
    expect(await get('/tickets')).not.toHaveProperty('hints');
  });
});

describe('the palette', () => {
  const search = (q: string): Promise<Json> => get(`/search?q=${encodeURIComponent(q)}`);
  it('finds beginnings of words, with the words around the hit', async () => {
    const { tickets } = await search('pap');
    expect(tickets.map((one: Json) => one['id'])).toEqual([ids.scanner, ids.printer]);
    expect(tickets[1]['snippet']).toEqual([
      { text: 'the ', hit: false },
      { text: 'paper', hit: true },
      { text: ' jam is back', hit: false },
    ]);
    expect((await search('back pap'))['tickets']).toHaveLength(1);
    expect((await search('"pap'))['tickets']).toHaveLength(0);
  });

  it('finds people and companies by a piece of their name or address', async () => {
    expect(await search('erek')).toMatchObject({
      contacts: [{ email: 'bo@acme.test' }],
      companies: [],
    });
    const acme = await search('acme');
    expect(acme).toMatchObject({
      contacts: [{ name: 'Bo Derek' }],
      companies: [{ name: 'Acme Works' }],
    });
    expect((await search('is:open acme'))['contacts']).toEqual([]);
    expect((await search('b%k'))['contacts']).toEqual([]);
  });

  it('finds a ticket by its number first, and no spam unless asked', async () => {
    expect((await search(String(ids.invoice)))['tickets'][0]['id']).toBe(ids.invoice);
    await desk.call('POST', `/api/v1/tickets/${ids.scanner}/spam`, {}, 200);
    const found = async (q: string) => (await search(q))['tickets'].map((one: Json) => one['id']);
    expect(await found('paper')).toEqual([ids.printer]);
    expect(await found('paper is:spam')).toEqual([ids.scanner]);
    await desk.call('POST', `/api/v1/tickets/${ids.scanner}/spam`, { spam: false }, 200);
  });
});
