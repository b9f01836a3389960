// Lists and search over years of tickets, asked as the API asks the database: every default view, some filters, rare and common words.
import { countTicketViews, listTickets, TICKET_VIEWS } from '#db/tickets.ts';
import type { TicketFilter, TicketSort } from '#db/tickets.ts';
import type { SqlPool } from '#db/sql.ts';
import { seesAll } from '#domain/permissions.ts';
import { startDatabase } from './embedded-servers.ts';
import { load, showTimes } from './load.ts';
import type { Bench, BenchContext } from './report.ts';
import { seedTickets } from './seed-tickets.ts';

const SIZE = 100_000;
const FULL_SIZE = 1_000_000;
const ASKS = 60;
const LIST_P95_MS = 20;
const SEARCH_P95_MS = 50;

interface Question {
  what: string;
  filter(index: number): Omit<TicketFilter, 'viewer'>;
  sort?: TicketSort;
}

/** Beside the default views: what agents narrow to, with indexes of their own and without. */
const FILTERS: Question[] = [
  { what: 'filter tag (1 in 50)', filter: (index) => ({ tag: `tag${index % 50}` }) },
  {
    what: 'filter priority urgent, open',
    filter: () => ({ priority: 'urgent', category: 'open' }),
  },
  { what: 'overdue, next due first', filter: () => ({ slaState: 'overdue' }), sort: 'nextDueAt' },
];

const SEARCHES: Question[] = [
  { what: 'search, a word of 1 message in 5,000', filter: (index) => ({ q: `word${index * 7}` }) },
  { what: 'search, a word of 1 message in 100', filter: (index) => ({ q: `often${index % 100}` }) },
  { what: 'search, a word of every message', filter: () => ({ q: 'printers' }) },
];

/** Budgets of the design: p95 20 ms for a page of 50, 50 ms for a search, at a million. */
export const lists: Bench = {
  about: 'lists of 50 and search at 100,000 tickets (--full: 1,000,000 too)',
  async run(context) {
    await measure(context, SIZE);
    if (context.full) await measure(context, FULL_SIZE);
  },
};

async function measure(context: BenchContext, count: number): Promise<void> {
  const { sql } = await startDatabase(context, { durable: false });
  const beganMs = performance.now();
  await seedTickets(sql, count);
  const seconds = (performance.now() - beganMs) / 1000;
  context.say(`${count} tickets seeded in ${seconds.toFixed(0)} s`);
  const [user] = await sql<{ id: string }[]>`
    select assignee_id as id from tickets where assignee_id is not null limit 1`;
  const userId = user?.id ?? '';
  const views = TICKET_VIEWS.map((view): Question => ({
    what: `list of 50, view ${view}`,
    filter: () => ({ view }),
  }));
  for (const question of [...views, ...FILTERS]) {
    await ask(context, { sql, userId, count }, question, LIST_P95_MS);
  }
  const counts = await load(ASKS, 1, () =>
    countTicketViews(sql, seesAll(userId), TICKET_VIEWS, 1_000),
  );
  context.add({
    what: `counts of all views, ${count.toLocaleString('en')} tickets`,
    measured: showTimes(counts),
    values: { p50: counts.p50, p95: counts.p95, max: counts.max, tickets: count },
  });
  for (const question of SEARCHES) {
    await ask(context, { sql, userId, count }, question, SEARCH_P95_MS);
  }
}

async function ask(
  context: BenchContext,
  desk: { sql: SqlPool; userId: string; count: number },
  question: Question,
  budgetMs: number,
): Promise<void> {
  const { sql, userId, count } = desk;
  const sort = question.sort ?? '-updatedAt';
  const page = { sort, limit: 50, after: null };
  let found = 0;
  const once = async (index: number): Promise<void> => {
    found = (await listTickets(sql, { ...question.filter(index), viewer: seesAll(userId) }, page))
      .length;
  };
  await once(0);
  const result = await load(ASKS, 1, once);
  const { p50, p95, max } = result;
  context.add({
    what: `${question.what}, ${count.toLocaleString('en')} tickets`,
    measured: `${showTimes(result)} (${found} rows)`,
    budget: { text: `p95 ≤ ${budgetMs} ms`, met: p95 <= budgetMs },
    values: { p50, p95, max, found, tickets: count },
  });
}
