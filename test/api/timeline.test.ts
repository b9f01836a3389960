// The timeline of a ticket of any length: every item once, in order, from either end, and no page that is too large.
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

async function newTicket(): Promise<number> {
  const body = { subject: 'T', body: 'Hi', requester: { email: 'ann@customer.test' } };
  return (await desk.call('POST', '/api/v1/tickets', body))['id'];
}
/** Messages of the given length, several of one instant, some within one millisecond of each other. */
async function addMessages(ticketId: number, count: number, length: number): Promise<void> {
  await desk.sql`
    insert into messages (ticket_id, kind, state, body, created_at)
    select ${ticketId}, 'note', 'posted', repeat('x', ${length}), now() + (n / 3) * interval '300 microseconds'
    from generate_series(1, ${count}) n`;
}
const nameOf = (item: any): string =>
  item.kind === 'message' ? item.message.id : `${item.event.ticketId}/${item.event.seq}`;
async function walk(ticketId: number, query: string): Promise<any[][]> {
  const pages: any[][] = [];
  let cursor = '';
  do {
    const page = await desk.call('GET', `/api/v1/tickets/${ticketId}/timeline?${query}${cursor}`);
    pages.push(page['items']);
    cursor = page['nextCursor'] === null ? '' : `&cursor=${page['nextCursor']}`;
  } while (cursor !== '');
  return pages;
}

describe('a timeline', () => {
  it('of more items than ever fitted shows the newest too, each once and in order, from both ends', async () => {
    const [loser, id] = [await newTicket(), await newTicket()];
    await desk.call('POST', `/api/v1/tickets/${loser}/merge`, { intoTicketId: id }, 200);
    await addMessages(id, 2_100, 10);
    await addMessages(loser, 50, 10);
    const [rows] = await desk.sql`
      select (select count(*) from messages where ticket_id in (${id}, ${loser}))::integer
        + (select count(*) from ticket_events where ticket_id in (${id}, ${loser}))::integer as total`;
    const first = await desk.call('GET', `/api/v1/tickets/${id}/timeline`);
    expect(first['items']).toHaveLength(200);
    const upwards = (await walk(id, 'limit=500')).flat();
    expect(new Set(upwards.map(nameOf)).size).toBe(rows?.['total']);
    expect(upwards).toHaveLength(rows?.['total']);
    const instants = upwards.map(({ at }) => Date.parse(at));
    expect(instants).toEqual(instants.toSorted((one, other) => one - other));
    expect(upwards.slice(0, 200).map(nameOf)).toEqual(first['items'].map(nameOf));
    const downwards = (await walk(id, 'limit=333&order=desc')).flat();
    expect(downwards.map(nameOf)).toEqual(upwards.map(nameOf).toReversed());
  });

  it('of megabytes comes in pages that stay small, also when one message is larger than a page', async () => {
    const id = await newTicket();
    await addMessages(id, 12, 1_000_000);
    await addMessages(id, 1, 9_000_000);
    const pages = await walk(id, 'limit=500');
    expect(pages.length).toBeGreaterThan(3);
    const sizes = pages.map((page) => JSON.stringify(page).length);
    // Only the message that is larger than a page, and it stands alone.
    for (const size of sizes) expect(size).toBeLessThan(9_100_000);
    expect(sizes.filter((size) => size > 4_500_000).length).toBeLessThanOrEqual(1);
    expect(pages.flat().filter(({ kind }) => kind === 'message')).toHaveLength(14);
  });

  it('refuses limits and cursors that are not its own', async () => {
    const id = await newTicket();
    await addMessages(id, 3, 1);
    const path = `/api/v1/tickets/${id}/timeline`;
    const { nextCursor } = await desk.call('GET', `${path}?limit=1`);
    for (const query of [
      ...['limit=0', 'limit=501', 'order=up', 'cursor=x', 'cursor=e30'],
      `cursor=${nextCursor}&order=desc`,
    ])
      expect((await desk.call('GET', `${path}?${query}`, undefined, 422))['code']).toBe(
        'invalidRequest',
      );
  });
});
