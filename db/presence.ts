// Who has a ticket open, and whether they are writing. A sign of life counts for a while and is then nothing.
import { planned } from './sql.ts';
import type { Sql } from './sql.ts';

/** How long a sign of life counts. */
export const PRESENCE_SECONDS = 45;

/** Somebody who looks at a ticket. */
export interface PresentPerson {
  userId: string;
  name: string;
  state: 'viewing' | 'typing';
  /** When this ends unless they give another sign. */
  until: Date;
}

/** Notes that somebody looks at a ticket; tells the others when that is new. */
export async function upsertPresence(
  sql: Sql,
  sign: { ticketId: number; userId: string; state: 'viewing' | 'typing' },
): Promise<void> {
  const { ticketId, userId, state } = sign;
  await planned(sql)`
    with old as (
      select state from ticket_presence where ticket_id = ${ticketId} and user_id = ${userId}
        and seen_at > now() - make_interval(secs => ${PRESENCE_SECONDS})
    ), kept as (
      insert into ticket_presence (ticket_id, user_id, state) values (${ticketId}, ${userId}, ${state})
      on conflict (ticket_id, user_id) do update set state = excluded.state, seen_at = now()
    )
    select pg_notify('presence', ${ticketId}::bigint::text) where not exists (select 1 from old where old.state = ${state})`;
}

/** Notes that somebody looks at a ticket no more. */
export async function deletePresence(sql: Sql, ticketId: number, userId: string): Promise<void> {
  await planned(sql)`
    with gone as (
      delete from ticket_presence where ticket_id = ${ticketId} and user_id = ${userId} returning ticket_id)
    select pg_notify('presence', ticket_id::text) from gone`;
}

/** Who looks at a ticket now, by name. */
export async function listPresence(sql: Sql, ticketId: number): Promise<PresentPerson[]> {
  return await planned(sql)<PresentPerson[]>`
    select p.user_id as "userId", u.name, p.state, p.seen_at + make_interval(secs => ${PRESENCE_SECONDS}) as until
    from ticket_presence p join users u on u.id = p.user_id
    where p.ticket_id = ${ticketId} and p.seen_at > now() - make_interval(secs => ${PRESENCE_SECONDS})
    order by u.name, u.id`;
}

/** Forgets signs of life that count no more. */
export async function deleteOldPresence(sql: Sql): Promise<void> {
  await sql`delete from ticket_presence where seen_at < now() - interval '10 minutes'`;
}
