// Tickets as years of work leave them, in a few statements: one in ten open, spread over people, teams, tags and time.
// For measurements of reading only: none of them has a workflow. As in life, nothing changed last before it was made or closed.
import type { SqlPool } from '#db/sql.ts';

/** Stores so many tickets with one message each, and lets Postgres look at what it has. */
export async function seedTickets(sql: SqlPool, count: number): Promise<void> {
  await sql`
    insert into contacts (email, name)
    select 'customer' || n || '@load.test', 'Customer ' || n from generate_series(1, ${Math.ceil(count / 10)}::integer) n`;
  await sql`
    insert into tickets (subject, pipeline_id, status, category, priority, requester_id, channel, team_id, assignee_id,
      followers, sla_state, next_due_at, spam, ended, version, created_at, updated_at, closed_at, tags)
    select 'ticket number ' || n, p.id,
      case when n % 10 = 0 then (array['new', 'waitingOnUs', 'waitingOnContact'])[1 + n / 10 % 3] else 'closed' end,
      case when n % 10 = 0 then (array['new', 'open', 'waiting'])[1 + n / 10 % 3] else 'closed' end,
      (array['low', 'normal', 'normal', 'normal', 'high', 'urgent'])[1 + n / 7 % 6],
      c.ids[1 + n % cardinality(c.ids)], 'email', t.ids[1 + n / 20 % cardinality(t.ids)],
      case when n % 20 <> 0 then u.ids[1 + n / 3 % cardinality(u.ids)] end,
      case when n % 500 = 0 then array[u.ids[1 + n / 500 % cardinality(u.ids)]] else '{}' end,
      case when n % 10 = 0 then (array['ok', 'dueSoon', 'overdue', 'none'])[1 + n / 30 % 4] else 'completed' end,
      case when n % 10 = 0 and n / 30 % 4 <> 3 then now() + (n % 9000 - 4500) * interval '1 minute' end,
      n % 101 = 0, n % 10 <> 0, 1,
      now() - n * interval '5 minutes', now() - n * (n * 7919 % 1000 / 1000.0) * interval '5 minutes',
      case when n % 10 <> 0 then now() - n * (n * 7919 % 1000 / 1000.0) * interval '5 minutes' end,
      array['tag' || n % 50]
    from generate_series(1, ${count}::bigint) n,
      (select id from pipelines limit 1) p,
      (select array_agg(id) as ids from contacts) c,
      (select array_agg(id) as ids from teams) t,
      (select array_agg(id) as ids from users where role = 'agent') u`;
  await sql`
    insert into messages (ticket_id, kind, state, body, created_at)
    select id, 'inbound', 'posted',
      'Hello, customer ' || id || ' writes about word' || id % 5000 || ' and often' || id % 100 || ' and printers that do not print',
      created_at
    from tickets`;
  // One ticket in five was answered, one in four hundred has somebody named in a note.
  await sql`
    insert into messages (ticket_id, kind, state, author_user_id, body, created_at)
    select id, 'reply', 'sent', assignee_id, 'We look into it.', created_at + interval '1 hour'
    from tickets where id % 5 = 0 and assignee_id is not null`;
  await sql`
    with notes as (
      insert into messages (ticket_id, kind, state, author_user_id, body, created_at)
      select id, 'note', 'posted', assignee_id, 'Please look.', created_at + interval '2 hours'
      from tickets where id % 400 = 1 and assignee_id is not null
      returning id, author_user_id, created_at
    )
    insert into message_mentions (message_id, user_id, created_at) select id, author_user_id, created_at from notes`;
  await sql`vacuum analyze tickets`;
  await sql`vacuum analyze messages`;
  await sql`analyze contacts`;
}
