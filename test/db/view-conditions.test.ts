// A view's conditions in the database: each comparison finds what it says, "not" finds exactly the others, trees mean what their parts
// mean, and pages of every order show each ticket once.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seedDemo } from '#db/seed-demo.ts';
import { listTickets } from '#db/tickets.ts';
import type { TicketFilter } from '#db/tickets.ts';
import type { TicketPlace } from '#db/ticket-order.ts';
import { TICKET_SORTS } from '#domain/ticket-sort.ts';
import { viewFaults } from '#domain/view-conditions.ts';
import type { ViewConditions, ViewTest } from '#domain/view-conditions.ts';
import { seesAll } from '#domain/permissions.ts';
import { createTestDatabase } from '#test/support/database.ts';
import type { TestDatabase } from '#test/support/database.ts';

const TICKETS = 240;
let database: TestDatabase;
let me: string;
let ids: Record<'ben' | 'support' | 'channel' | 'contact' | 'company', string>;

beforeAll(async () => {
  database = await createTestDatabase();
  const { sql } = database;
  await seedDemo(sql, 'hf_views');
  const [names] = await sql`
    with firm as (insert into companies (name, domain) values ('Acme Ltd', 'acme.test') returning id),
    people as (insert into contacts (email, name, company_id)
      select 'person' || n || case when n % 3 = 0 then '@acme.test' else '@other_test.test' end, 'Person ' || n,
        case when n % 3 = 0 then (select id from firm) end from generate_series(0, 9) n returning id, email)
    select (select id from firm) as company, (select min(id::text) from people) as contact,
      (select id from users where name like 'Alice%') as me, (select id from users where name like 'Ben%') as ben,
      (select id from teams where name = 'Support') as support, (select min(id::text) from channels) as channel`;
  ({ me } = names as { me: string });
  ids = names as unknown as typeof ids;
  await seed();
}, 60_000);
afterAll(async () => {
  await database.drop();
});

async function seed(): Promise<void> {
  const { sql } = database;
  await sql`
    insert into tickets (id, subject, pipeline_id, status, category, priority, requester_id, company_id, channel, channel_id, team_id,
      assignee_id, followers, sla_state, next_due_at, sla, spam, snoozed_until, snoozed_until_reply, language, tags, fields, version,
      created_at, updated_at, closed_at)
    select n, case when n % 5 = 0 then 'Printer on fire' else 'Something ' || n end, p.id, s.status, s.category,
      (array['low', 'normal', 'high', 'urgent'])[1 + n % 4], c.id, c.company_id, (array['email', 'api', 'form'])[1 + n % 3],
      case when n % 3 = 0 then ${ids.channel}::uuid end, case when n % 4 < 2 then ${ids.support}::uuid end,
      (array[${me}, ${ids.ben}, null])[1 + n % 3]::uuid, case when n % 11 = 0 then array[${me}]::uuid[] else '{}' end,
      (array['none', 'ok', 'overdue', 'dueSoon', 'paused'])[1 + n % 5],
      case when n % 3 <> 2 then now() + (n % 50 - 25) * interval '1 hour' end,
      case when n % 6 = 0 then '{"goals": {"firstReply": {"state": "overdue", "completedAt": null}}}'
        when n % 6 = 1 then jsonb_build_object('goals', jsonb_build_object('firstReply', jsonb_build_object('state', 'completedLate',
          'completedAt', to_char((now() - n * interval '1 hour') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))))
        else '{"goals": {}}' end::jsonb,
      n % 17 = 0, case when n % 13 = 0 then now() + interval '5 hours' end, n % 19 = 0, (array['de', 'en', null])[1 + n % 3],
      case when n % 7 = 0 then array['vip', 'gold'] when n % 7 = 1 then array['gold'] else '{}' end,
      case n % 8 when 0 then '{"size": "XL"}' when 1 then '{"size": ["XL", "M"]}' when 2 then '{"size": 3}' when 3 then '{"size": ""}' else '{}' end::jsonb,
      1, now() - n * interval '1 hour', now() - (n - n % 10) * interval '30 minutes',
      case when s.category = 'closed' then now() - n * interval '40 minutes' end
    from generate_series(1, ${TICKETS}::integer) n, (select id from pipelines limit 1) p
    cross join lateral (select * from (values (0, 'new', 'new'), (1, 'waitingOnUs', 'open'), (2, 'waitingOnContact', 'waiting'), (3, 'closed', 'closed'))
      as s(k, status, category) where k = n % 4) s
    cross join lateral (select id, company_id from contacts where email like 'person' || n % 10 || '@%') c`;
  await sql`
    with notes as (
      insert into messages (ticket_id, kind, state, author_user_id, body, created_at)
      select id, case when id % 2 = 0 then 'note' else 'reply' end, case when id % 2 = 0 then 'posted' else 'sent' end, ${ids.ben}, 'x',
        updated_at - interval '1 minute' from tickets where id % 9 in (0, 1)
      returning id, kind, ticket_id)
    insert into message_mentions (message_id, user_id) select id, ${me} from notes where kind = 'note'`;
  await sql`
    insert into attachments (message_id, name, content_type, size_bytes, sha256, store_key)
    select id, 'a', 'text/plain', 1, 'x', 'x' from messages where ticket_id % 3 = 0`;
}

const find = async (conditions: ViewConditions): Promise<Set<number>> => {
  const filter: TicketFilter = { viewer: seesAll(me), conditions };
  const rows = await listTickets(database.sql, filter, { sort: '-id', limit: 1_000, after: null });
  return new Set(rows.map(({ id }) => id));
};
/** Every ticket a view can show: "spam" is named, so that spam is among them. */
const anything: ViewConditions = { any: [{ field: 'spam', op: 'is', value: true }, { all: [] }] };
const named = (test: ViewConditions): ViewConditions => ({ all: [anything, test] });
const numbers = (rows: readonly { n: number }[]): number[] => rows.map(({ n }) => n);

/** Closed tickets and spam have no deadline that anybody has to keep. */
const hasDue = (n: number): boolean => n % 3 !== 2 && n % 4 !== 3 && n % 17 !== 0;

/** Each comparison and how the seed's numbers answer it. */
const hour = (amount: number) => ({ amount, unit: 'hours' as const });
const tests = (): [ViewTest, (n: number) => boolean][] => [
  [{ field: 'status', op: 'is', value: 'closed' }, (n) => n % 4 === 3],
  [{ field: 'category', op: 'in', value: ['new', 'open'] }, (n) => n % 4 < 2],
  [{ field: 'priority', op: 'isNot', value: 'urgent' }, (n) => n % 4 !== 3],
  [{ field: 'assignee', op: 'is', value: 'me' }, (n) => n % 3 === 0],
  [{ field: 'assignee', op: 'isNot', value: 'me' }, (n) => n % 3 !== 0],
  [{ field: 'assignee', op: 'in', value: ['nobody', ids.ben] }, (n) => n % 3 !== 0],
  [{ field: 'assignee', op: 'isSet' }, (n) => n % 3 !== 2],
  [{ field: 'assignee', op: 'isNotSet' }, (n) => n % 3 === 2],
  [{ field: 'team', op: 'is', value: 'mine' }, (n) => n % 4 < 2],
  [{ field: 'team', op: 'is', value: 'none' }, (n) => n % 4 > 1],
  [{ field: 'team', op: 'notIn', value: [ids.support] }, (n) => n % 4 > 1],
  [{ field: 'channel', op: 'is', value: 'api' }, (n) => n % 3 === 1],
  [{ field: 'mailbox', op: 'is', value: ids.channel }, (n) => n % 3 === 0],
  [{ field: 'mailbox', op: 'isNot', value: ids.channel }, (n) => n % 3 !== 0],
  [{ field: 'tag', op: 'is', value: 'vip' }, (n) => n % 7 === 0],
  [{ field: 'tag', op: 'notIn', value: ['vip', 'gold'] }, (n) => n % 7 > 1],
  [{ field: 'tag', op: 'isNotSet' }, (n) => n % 7 > 1],
  [{ field: 'requester', op: 'contains', value: 'ACME' }, (n) => (n % 10) % 3 === 0],
  [{ field: 'requester', op: 'notContains', value: 'person 3' }, (n) => n % 10 !== 3],
  [{ field: 'requester', op: 'contains', value: 'other_test' }, (n) => (n % 10) % 3 !== 0],
  [{ field: 'requester', op: 'contains', value: 'o_t' }, () => false],
  [{ field: 'company', op: 'is', value: ids.company }, (n) => (n % 10) % 3 === 0],
  [{ field: 'company', op: 'contains', value: 'acme' }, (n) => (n % 10) % 3 === 0],
  [{ field: 'company', op: 'isNotSet' }, (n) => (n % 10) % 3 !== 0],
  [{ field: 'subject', op: 'contains', value: 'fire printer' }, (n) => n % 5 === 0],
  [{ field: 'language', op: 'isNot', value: 'de' }, (n) => n % 3 !== 0],
  [{ field: 'createdAt', op: 'withinLast', value: { amount: 1, unit: 'days' } }, (n) => n < 24],
  [{ field: 'createdAt', op: 'olderThan', value: hour(100) }, (n) => n >= 100],
  [{ field: 'createdAt', op: 'after', value: '2001-01-01' }, () => true],
  [{ field: 'createdAt', op: 'between', value: ['2001-01-01', '2099-01-01'] }, () => true],
  [{ field: 'repliedAt', op: 'between', value: ['2099-01-01', '2099-02-01'] }, () => false],
  [{ field: 'updatedAt', op: 'before', value: '2001-01-01T00:00:00Z' }, () => false],
  [{ field: 'closedAt', op: 'isSet' }, (n) => n % 4 === 3],
  [
    { field: 'slaState', op: 'in', value: ['overdue', 'dueSoon'] },
    (n) => n % 5 === 2 || n % 5 === 3,
  ],
  [
    { field: 'due', op: 'withinNext', value: hour(3) },
    (n) => hasDue(n) && [26, 27, 28].includes(n % 50),
  ],
  [{ field: 'due', op: 'isSet' }, hasDue],
  [{ field: 'goal.firstReply', op: 'is', value: 'overdue' }, (n) => n % 6 === 0],
  [{ field: 'goal.firstReply', op: 'isNotSet' }, (n) => n % 6 > 1],
  [
    { field: 'goalCompletedAt.firstReply', op: 'withinLast', value: hour(48) },
    (n) => n % 6 === 1 && n < 48,
  ],
  [{ field: 'snoozed', op: 'is', value: true }, (n) => n % 13 === 0 || n % 19 === 0],
  [{ field: 'snoozed', op: 'isNot', value: true }, (n) => n % 13 !== 0 && n % 19 !== 0],
  [{ field: 'spam', op: 'is', value: true }, (n) => n % 17 === 0],
  [{ field: 'followedByMe', op: 'is', value: true }, (n) => n % 11 === 0],
  [{ field: 'mentionsMe', op: 'is', value: true }, (n) => n % 2 === 0 && n % 9 < 2],
  [{ field: 'hasAttachment', op: 'is', value: true }, (n) => n % 9 < 2 && n % 3 === 0],
  [
    { field: 'repliedAt', op: 'withinLast', value: { amount: 900, unit: 'days' } },
    (n) => n % 2 === 1 && n % 9 < 2,
  ],
  [{ field: 'repliedAt', op: 'isNotSet' }, (n) => !(n % 2 === 1 && n % 9 < 2)],
  [{ field: 'fields.size', op: 'is', value: 'XL' }, (n) => n % 8 < 2],
  [{ field: 'fields.size', op: 'in', value: ['M', '3'] }, (n) => n % 8 === 1 || n % 8 === 2],
  [{ field: 'fields.size', op: 'is', value: 3 }, (n) => n % 8 === 2],
  [{ field: 'fields.size', op: 'isSet' }, (n) => n % 8 < 3],
  [{ field: 'fields.size', op: 'notContains', value: 'x' }, (n) => n % 8 > 1],
];
/** Hours are counted from the seed, a moment ago: what is due in three hours then is due within three hours now. */
const all = (): number[] => Array.from({ length: TICKETS }, (_, at) => at + 1);

describe('each comparison', () => {
  it('finds what it says, and its opposite the rest', async () => {
    const rows = await database.sql<{ n: number }[]>`select id as n from tickets order by id`;
    expect(numbers(rows)).toEqual(all());
    for (const [test, holds] of tests()) {
      expect(viewFaults(test)).toEqual([]);
      const found = await find(named(test));
      expect([test, [...found].toSorted((a, b) => a - b)]).toEqual([test, all().filter(holds)]);
      const others = await find(named({ not: test }));
      expect([test, others.size]).toEqual([test, TICKETS - found.size]);
    }
  });

  it('shows no spam unless the conditions name it, and never a ticket merged away', async () => {
    expect(await find({ all: [] })).toEqual(new Set(all().filter((n) => n % 17 !== 0)));
    await database.sql`update tickets set merged_into_id = 1 where id = 2`;
    expect((await find({ all: [] })).has(2)).toBe(false);
    await database.sql`update tickets set merged_into_id = null where id = 2`;
  });
});

describe('a tree', () => {
  it('holds for what its parts say', async () => {
    const cases = tests();
    const { tree } = fc.letrec<{ tree: ViewConditions }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 3, depthSize: 'small', withCrossShrink: true },
        fc.constantFrom(...cases.map(([test]) => test)),
        fc.record({ all: fc.array(tie('tree'), { maxLength: 3 }) }),
        fc.record({ any: fc.array(tie('tree'), { maxLength: 3 }) }),
        fc.record({ not: tie('tree') }),
      ),
    }));
    const judge = (node: ViewConditions, n: number): boolean => {
      if ('all' in node) return node.all.every((one) => judge(one, n));
      if ('any' in node) return node.any.some((one) => judge(one, n));
      if ('not' in node) return !judge(node.not, n);
      return cases.find(([test]) => test === node)?.[1](n) ?? false;
    };
    await fc.assert(
      fc.asyncProperty(tree, async (node) => {
        const found = await find(named(node));
        expect([...found].toSorted((a, b) => a - b)).toEqual(all().filter((n) => judge(node, n)));
      }),
      { numRuns: 150 },
    );
  });
});

describe('the order', () => {
  it.for(TICKET_SORTS)('%s pages through every ticket once', async (sort) => {
    const filter: TicketFilter = { viewer: seesAll(me) };
    const whole = await listTickets(database.sql, filter, { sort, limit: 1_000, after: null });
    const seen: number[] = [];
    for (let after: TicketPlace | null = null; ;) {
      const page: Awaited<ReturnType<typeof listTickets>> = await listTickets(
        database.sql,
        filter,
        {
          ...{ sort, limit: 7, after },
        },
      );
      seen.push(...page.map(({ id }) => id));
      after = page.at(-1)?.place ?? null;
      if (page.length < 7) break;
    }
    expect(seen).toEqual(whole.map(({ id }) => id));
    expect(new Set(seen).size).toBe(
      sort === 'nextDueAt' ? (await find(named({ field: 'due', op: 'isSet' }))).size : TICKETS,
    );
  });

  it('by SLA begins with the most urgent deadline and ends with the tickets that have none, by priority with urgent ones', async () => {
    const listed = (sort: 'sla' | '-priority') =>
      listTickets(database.sql, { viewer: seesAll(me) }, { sort, limit: 1_000, after: null });
    const due = (await listed('sla')).map(({ id, nextDueAt }) =>
      nextDueAt === null || !hasDue(id) ? Infinity : nextDueAt.getTime(),
    );
    expect(due).toEqual(due.toSorted((one, other) => (one === other ? 0 : one - other)));
    const priorities = (await listed('-priority')).map(({ priority }) => priority);
    const rank = ['urgent', 'high', 'normal', 'low'];
    expect(priorities).toEqual(
      priorities.toSorted((one, other) => rank.indexOf(one) - rank.indexOf(other)),
    );
  });
});
