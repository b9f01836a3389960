// Lists and search over years of tickets, asked as the API asks the database: every default view, some filters, rare and common words.
import { listTickets, TICKET_VIEWS } from '#db/tickets.ts';
import type { TicketFilter } from '#db/tickets.ts';
import { summaryFigures } from '#domain/summary.ts';
import type { TicketSort } from '#domain/ticket-sort.ts';
import { listSnippets, searchContacts } from '#db/search.ts';
import { countOpenFigures, countRecentFigures, findSummaryDay } from '#db/summary.ts';
import { countLists } from '#db/views.ts';
import type { SqlPool } from '#db/sql.ts';
import { seesAll } from '#domain/permissions.ts';
import { startDatabase } from './embedded-servers.ts';
import { load, showMs, showTimes } from './load.ts';
import type { Bench, BenchContext } from './report.ts';
import { seedTickets } from './seed-tickets.ts';
import { TYPICAL_VIEWS } from './typical-views.ts';

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
  { what: 'search, the beginning of a word', filter: () => ({ q: 'word77', typing: true }) },
  { what: 'search, the beginning of a common word', filter: () => ({ q: 'prin', typing: true }) },
  {
    what: 'search, a common word without another',
    filter: () => ({ q: 'printers', without: ['often7'] }),
  },
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
  await measureOn(context, sql, count);
}

/** Asks everything of a database that has so many tickets. */
export async function measureOn(context: BenchContext, sql: SqlPool, count: number): Promise<void> {
  const [user] = await sql<{ id: string }[]>`
    select assignee_id as id from tickets where assignee_id is not null limit 1`;
  const userId = user?.id ?? '';
  const views = TICKET_VIEWS.map((view): Question => ({
    what: `list of 50, view ${view}`,
    filter: () => ({ view }),
  }));
  const saved = TYPICAL_VIEWS.map(({ what, conditions, sort }): Question => ({
    what: `list of 50, saved view ${what}`,
    filter: () => ({ conditions }),
    sort,
  }));
  for (const question of [...views, ...saved, ...FILTERS]) {
    await ask(context, { sql, userId, count }, question, LIST_P95_MS);
  }
  await askFigures(context, { sql, userId, count });
  for (const question of SEARCHES) {
    await ask(context, { sql, userId, count }, question, SEARCH_P95_MS);
  }
}

/** Figures beside the lists, the summary, and what the palette asks for besides tickets. */
async function askFigures(
  context: BenchContext,
  { sql, userId, count }: { sql: SqlPool; userId: string; count: number },
): Promise<void> {
  const asks = [
    ...TICKET_VIEWS.map((view) => ({ id: view, filter: { viewer: seesAll(userId), view } })),
    ...TYPICAL_VIEWS.map(({ what, conditions }) => ({
      id: what,
      filter: { viewer: seesAll(userId), conditions },
    })),
  ];
  const patience = { allMs: 60_000, eachMs: 60_000 };
  const day = await findSummaryDay(sql, 'UTC');
  if (day === undefined) throw new Error('There is no day.');
  const figures = summaryFigures(day, null);
  const open = figures.filter(({ scope }) => scope === 'open');
  const recent = figures.filter(({ scope }) => scope === 'recent');
  const questions: Record<string, () => Promise<unknown>> = {
    'counts of default and saved views': () => countLists(sql, asks, 1_001, patience),
    'summary, open tickets': () => countOpenFigures(sql, open, seesAll(userId)),
    'summary, today and yesterday': () =>
      countRecentFigures(sql, recent, seesAll(userId), day.yesterday),
    'contacts by a piece of their address': () => searchContacts(sql, 'tomer777', 8),
    'contacts by a common piece': () => searchContacts(sql, 'load.test', 8),
    'words around a hit, 8 tickets': () => listSnippets(sql, [1, 2, 3, 4, 5, 6, 7, 8], 'printers'),
  };
  for (const [what, question] of Object.entries(questions)) {
    await question();
    const { p50, p95, max, ...rest } = await load(20, 1, question);
    const measured = showTimes({ p50, p95, max, ...rest });
    const values = { p50, p95, max, tickets: count };
    context.add({ what: `${what}, ${count.toLocaleString('en')} tickets`, measured, values });
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
  // The first time much of what is read is not in Postgres's memory yet, as after a restart; told beside what is judged.
  const first = await load(ASKS, 1, once);
  const result = await load(ASKS, 1, (index) => once(ASKS + index));
  const { p50, p95, max } = result;
  context.add({
    what: `${question.what}, ${count.toLocaleString('en')} tickets`,
    measured: `${showTimes(result)} (${found} rows)`,
    ratio: `the first time p95 ${showMs(first.p95)}`,
    budget: { text: `p95 ≤ ${budgetMs} ms`, met: p95 <= budgetMs },
    values: { p50, p95, max, found, tickets: count, firstP95: first.p95 },
  });
}
