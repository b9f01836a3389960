// Many tickets at once for a measurement, by the product's own way in: rows at version 0, which the relay brings to life.
import { insertNewTicket, upsertContactByEmail } from '#db/inbound.ts';
import { pause } from '#scripts/processes.ts';
import { load } from './load.ts';
import type { ProcessDesk } from './process-desk.ts';

const STORE_CONCURRENCY = 4;

/** Stores tickets with a tag and one instant of creation; answers their ids once all of them live, or throws after the limit. */
export async function bearTickets(
  desk: ProcessDesk,
  count: number,
  options: { tag: string; createdAt: Date; limitMs: number },
): Promise<number[]> {
  const { tag, createdAt, limitMs } = options;
  const deadline = Date.now() + limitMs;
  const contact = await upsertContactByEmail(desk.sql, 'storm@load.test', 'Storm');
  const ids: number[] = [];
  await load(count, STORE_CONCURRENCY, async (index) => {
    const id = await insertNewTicket(desk.sql, {
      ...{ subject: `${tag} ${index}`, requesterId: contact.id, companyId: null, channel: 'api' },
      ...{ channelId: null, tags: [tag], createdAt },
    });
    ids.push(id);
  });
  for (;;) {
    const [row] = await desk.sql<{ unborn: number }[]>`
      select count(*)::integer as unborn from tickets where id = any(${ids}::bigint[]) and version = 0`;
    if (row?.unborn === 0) return ids;
    if (Date.now() > deadline)
      throw new Error(`${row?.unborn} of ${count} tickets do not live yet.`);
    await pause(200);
  }
}
