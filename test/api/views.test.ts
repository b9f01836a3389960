// The nine default views: what each shows to whom, and that the figure beside it is the length of its list.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callApi, makeToken, startTestDesk } from '#test/support/desk.ts';
import type { Json, TestDesk } from '#test/support/desk.ts';
import { eventually } from '#test/support/poll.ts';

let desk: TestDesk;
let token: string;
let bob: { id: string; call: (method: string, path: string, body?: unknown) => Promise<Json> };
beforeAll(async () => {
  desk = await startTestDesk();
  const id = await desk.addUser('bob', { availability: 'away' });
  token = await makeToken(desk.sql, id, ['read', 'write']);
  const call = (method: string, path: string, body?: unknown) =>
    callApi(desk.app, token, { method, path: `/api/v1${path}`, body });
  bob = { id, call };
});
afterAll(async () => {
  await desk.stop();
});

async function newTicket(more: object = {}): Promise<{ id: number; path: string }> {
  const requester = { email: 'ann@customer.test' };
  const { id } = await desk.call('POST', '/api/v1/tickets', { subject: 'T', requester, ...more });
  return { id, path: `/tickets/${id}` };
}
const listed = async (view: string): Promise<number[]> =>
  (await bob.call('GET', `/tickets?view=${view}&sort=-id`))['items'].map((one: Json) => one['id']);

describe('my mentions', () => {
  it('shows the tickets whose notes name me, and I am told', async () => {
    const named = await newTicket();
    const other = await newTicket();
    await desk.call('POST', `/api/v1${other.path}/notes`, { body: 'nobody' });
    const mentions = [bob.id, desk.adminId];
    await desk.call('POST', `/api/v1${named.path}/notes`, { body: 'see, bob', mentions });
    expect(await listed('myMentions')).toEqual([named.id]);
    const notices = (await bob.call('GET', '/notifications'))['items'];
    expect(notices).toMatchObject([{ ticketId: named.id, type: 'noteAdded' }]);
    const mine = await desk.call('GET', '/api/v1/tickets?view=myMentions');
    expect(mine['items']).toHaveLength(1);
    expect((await desk.call('GET', '/api/v1/notifications'))['items']).toEqual([]);
  });

  it('follows a merge to the survivor', async () => {
    const loser = await newTicket();
    const survivor = await newTicket();
    const note = { body: 'see, bob', mentions: [bob.id] };
    await desk.call('POST', `/api/v1${loser.path}/notes`, note);
    const into = { intoTicketId: survivor.id };
    await desk.call('POST', `/api/v1${loser.path}/merge`, into, 200);
    const ids = await listed('myMentions');
    expect(ids).toContain(survivor.id);
    expect(ids).not.toContain(loser.id);
  });

  it('takes nobody who is not there, and the note is not kept', async () => {
    const { path } = await newTicket();
    const note = { body: 'see', mentions: ['00000000-0000-7000-8000-00000000ffff'] };
    const refused = await desk.call('POST', `/api/v1${path}/notes`, note, 422);
    expect(refused).toMatchObject({ code: 'unknownReference', errors: [{ pointer: '/mentions' }] });
    const rows = await desk.sql`select id from messages where body = 'see'`;
    expect(rows).toHaveLength(0);
  });
});

describe('sent', () => {
  it('shows the tickets I have written a reply or a forward on, open or closed', async () => {
    const replied = await newTicket();
    const forwarded = await newTicket();
    const noted = await newTicket();
    await bob.call('POST', `${replied.path}/replies`, { body: 'hi', status: 'closed' });
    await bob.call('POST', `${forwarded.path}/forward`, { body: 'hi', to: ['v@example.test'] });
    await bob.call('POST', `${noted.path}/notes`, { body: 'hi' });
    await desk.call('POST', `/api/v1${noted.path}/replies`, { body: 'not by bob' });
    await eventually(async () => expect(await listed('sent')).toEqual([forwarded.id, replied.id]));
  });
});

describe('counts', () => {
  it('say how many tickets each of the nine views holds for me', async () => {
    const team = { name: 'Support', strategy: 'manual', members: [{ userId: bob.id }] };
    const { id: teamId } = await desk.call('POST', '/api/v1/teams', team);
    await newTicket({ teamId });
    await newTicket({ assigneeId: bob.id });
    const spam = await newTicket();
    await desk.call('POST', `/api/v1${spam.path}/spam`, {}, 200);
    await bob.call('POST', `${(await newTicket()).path}/notes`, { body: 'x' });
    const { path } = await newTicket();
    await callApi(desk.app, token, {
      method: 'POST',
      path: `/api/v1${path}/follow`,
      body: {},
      expected: 200,
    });
    const { counts } = await bob.call('GET', '/views/counts');
    expect(Object.keys(counts)).toHaveLength(9);
    for (const [view, figure] of Object.entries(counts)) {
      expect([view, figure]).toEqual([view, { count: (await listed(view)).length, capped: false }]);
    }
    expect(counts).toMatchObject({
      assignedToMe: { count: expect.any(Number) },
      myTeamUnassigned: { count: 1 },
      following: { count: 1 },
      spam: { count: 1 },
    });
  });
});
