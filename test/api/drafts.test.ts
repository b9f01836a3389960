// Nothing that somebody has typed is lost: drafts live on the desk until their message is accepted, on whatever device they were typed.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deleteOldUploads } from '#db/reconcile.ts';
import { callApi, makeToken, startTestDesk } from '#test/support/desk.ts';
import type { Json, TestDesk } from '#test/support/desk.ts';
import { eventually } from '#test/support/poll.ts';

let desk: TestDesk;
let other: string;
beforeAll(async () => {
  desk = await startTestDesk();
  other = await makeToken(desk.sql, await desk.addUser('other'), ['read', 'write']);
});
afterAll(async () => {
  await desk.stop();
});

const newTicket = async (): Promise<number> =>
  (
    await desk.call('POST', '/api/v1/tickets', {
      ...{ subject: 'T', body: 'Hi', requester: { email: 'ann@customer.test' } },
    })
  )['id'];
const save = (id: number, body: object, expected = 200): Promise<Json> =>
  desk.call('PUT', `/api/v1/tickets/${id}/draft`, { kind: 'reply', ...body }, expected);
const drafts = async (id: number): Promise<Json[]> =>
  (await desk.call('GET', `/api/v1/tickets/${id}/draft`))['items'];

describe('a draft', () => {
  it('is one per kind, is its author’s alone, and is no message', async () => {
    const id = await newTicket();
    await save(id, { body: 'We are', cc: ['bob@customer.test'], bodyHtml: '<b onclick=x>We</b>' });
    await save(id, { kind: 'note', body: 'Odd', mentions: [desk.adminId] });
    const mine = await drafts(id);
    expect(mine.map(({ kind, body }) => [kind, body])).toEqual([
      ['note', 'Odd'],
      ['reply', 'We are'],
    ]);
    expect(mine[1]).toMatchObject({ cc: ['bob@customer.test'], bodyHtml: '<b>We</b>' });
    const theirs = await callApi(desk.app, other, {
      ...{ method: 'GET', path: `/api/v1/tickets/${id}/draft` },
    });
    expect(theirs['items']).toEqual([]);
    const { items } = await desk.call('GET', `/api/v1/tickets/${id}/timeline`);
    expect(items.filter(({ kind }: Json) => kind === 'message')).toHaveLength(1);
    await desk.call('DELETE', `/api/v1/tickets/${id}/draft?kind=note`, undefined, 204);
    expect((await drafts(id)).map(({ kind }) => kind)).toEqual(['reply']);
  });

  it('typed on an old revision is refused with what stands there, unless the last writer is to win', async () => {
    const id = await newTicket();
    const first = await save(id, { body: 'one', baseRevision: 0 });
    const second = await save(id, { body: 'two', baseRevision: first['revision'] });
    const refused = await save(id, { body: 'three', baseRevision: first['revision'] }, 409);
    expect(refused).toMatchObject({ code: 'versionConflict', current: { body: 'two' } });
    expect(await save(id, { body: 'x', baseRevision: 0 }, 409)).toMatchObject({
      current: { revision: second['revision'] },
    });
    await save(id, { body: 'four' });
    expect((await drafts(id))[0]).toMatchObject({ body: 'four' });
  });

  it('goes with its message, and a late save of it does not bring it back', async () => {
    const id = await newTicket();
    const { revision } = await save(id, { body: 'Answer' });
    await desk.call('POST', `/api/v1/tickets/${id}/replies`, {
      ...{ body: 'Answer', draftRevision: revision },
    });
    expect(await drafts(id)).toEqual([]);
    expect(await save(id, { body: 'Answe', baseRevision: revision }, 409)).toMatchObject({
      current: null,
    });
    await save(id, { body: 'Next', baseRevision: 0 });
    expect(await drafts(id)).toHaveLength(1);
  });

  it('is gone from the acceptance on even when the API dies before it can say so', async () => {
    const id = await newTicket();
    const { revision } = await save(id, { body: 'Answer' });
    const sent = await desk.call('POST', `/api/v1/tickets/${id}/replies`, { body: 'Answer' });
    await desk.sql`
      update composer_drafts set message_id = ${sent['id']} where ticket_id = ${id} and revision = ${revision}`;
    expect(await drafts(id)).toEqual([]);
    expect((await desk.call('GET', '/api/v1/drafts?limit=100'))['items']).not.toContainEqual(
      expect.objectContaining({ ticketId: id }),
    );
    await save(id, { body: 'New', baseRevision: 0 });
    expect(await drafts(id)).toHaveLength(1);
  });

  it('stays when its message is refused, and what was typed since stays when an older one is sent', async () => {
    const id = await newTicket();
    const { revision } = await save(id, { body: 'Answer' });
    const refused = { body: 'Answer', status: 'nowhere', draftRevision: revision };
    await desk.call('POST', `/api/v1/tickets/${id}/replies`, refused, 422);
    expect(await drafts(id)).toHaveLength(1);
    const newer = await save(id, { body: 'Answer and more' });
    await desk.call('POST', `/api/v1/tickets/${id}/replies`, {
      ...{ body: 'Answer', draftRevision: revision },
    });
    expect((await drafts(id))[0]).toMatchObject({ revision: newer['revision'] });
  });

  it('of a ticket that is merged away goes on in the survivor', async () => {
    const [loser, survivor] = [await newTicket(), await newTicket()];
    const { revision } = await save(loser, { body: 'Half a sent' });
    await desk.call('POST', `/api/v1/tickets/${loser}/merge`, { intoTicketId: survivor }, 200);
    await eventually(async () =>
      expect((await drafts(survivor))[0]).toMatchObject({ ticketId: loser, body: 'Half a sent' }),
    );
    await desk.call('POST', `/api/v1/tickets/${survivor}/replies`, {
      ...{ body: 'Half a sentence', draftRevision: revision },
    });
    expect(await drafts(survivor)).toEqual([]);
  });

  it('keeps its uploads from being swept', async () => {
    const id = await newTicket();
    const form = new FormData();
    form.set('file', new File(['x'], 'x.txt', { type: 'text/plain' }));
    const key = await makeToken(desk.sql, desk.adminId, ['read', 'write']);
    const [kept, loose] = await Promise.all(
      [1, 2].map(async () => {
        const response = await desk.app.request('/api/v1/attachments', {
          ...{ method: 'POST', body: form, headers: { authorization: `Bearer ${key}` } },
        });
        return ((await response.json()) as Json)['id'] as string;
      }),
    );
    await save(id, { body: 'See file', attachmentIds: [kept] });
    await desk.sql`update attachments set created_at = now() - interval '2 days' where message_id is null`;
    await deleteOldUploads(desk.sql, 24);
    const left =
      await desk.sql`select id from attachments where id in (${kept ?? ''}, ${loose ?? ''})`;
    expect(left.map((row) => row['id'])).toEqual([kept]);
    expect((await drafts(id))[0]?.['attachments']).toMatchObject([{ id: kept, name: 'x.txt' }]);
  });

  it('is found among all of mine, the newest first, page by page', async () => {
    const ids = [await newTicket(), await newTicket(), await newTicket()];
    for (const id of ids) await save(id, { body: `of ${id}` });
    const seen: number[] = [];
    let cursor = '';
    do {
      const page = await desk.call('GET', `/api/v1/drafts?limit=2${cursor}`);
      seen.push(...page['items'].map((one: Json) => one['ticketId']));
      cursor = page['nextCursor'] === null ? '' : `&cursor=${page['nextCursor']}`;
    } while (cursor !== '');
    expect(seen.slice(0, 3)).toEqual(ids.toReversed());
  });
});
