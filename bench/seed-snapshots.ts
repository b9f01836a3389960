// The states that tickets' workflows would have left behind, for rows that were seeded without one: what rollouts and simulations read.
// Closed tickets had a reply, an answer of the customer's and another reply; open ones wait for their first.
import type { SqlPool } from '#db/sql.ts';

/** Stores a snapshot for every ticket that has none. */
export async function seedSnapshots(sql: SqlPool): Promise<void> {
  await sql`
    insert into ticket_snapshots (ticket_id, version, state)
    select t.id, t.version, jsonb_build_object(
      'stateVersion', 1, 'id', t.id, 'version', t.version, 'createdAtMs', l.created, 'updatedAtMs', l.updated,
      'closedAtMs', l.closed, 'pipelineId', t.pipeline_id, 'status', t.status, 'category', t.category,
      'priority', t.priority, 'requesterId', t.requester_id, 'assigneeId', t.assignee_id, 'teamId', t.team_id,
      'channel', t.channel, 'channelId', t.channel_id, 'tags', t.tags, 'followers', t.followers, 'spam', t.spam,
      'snoozedUntilMs', null, 'snoozedUntilReply', false, 'routing', null, 'fired', '[]'::jsonb,
      'escalationLevel', 0, 'sends', '[]'::jsonb, 'lease', null, 'mergedInto', null, 'absorbed', '[]'::jsonb,
      'seenMessages', '[]'::jsonb, 'answers', '[]'::jsonb, 'ended', t.ended,
      'ledger', jsonb_build_object(
        'createdAtMs', l.created, 'closeFromMs', l.created, 'closedAtMs', l.closed,
        'settled', '{"firstReplyAtMs": null, "wait": null}'::jsonb,
        'holds', case when t.spam then jsonb_build_array(jsonb_build_array(l.created, null)) else '[]'::jsonb end,
        'statuses', case when l.closed is null
          then jsonb_build_array(jsonb_build_object('atMs', l.created, 'status', t.status, 'category', t.category))
          else jsonb_build_array(
            jsonb_build_object('atMs', l.created, 'status', 'new', 'category', 'new'),
            jsonb_build_object('atMs', l.created + l.span / 4, 'status', 'waitingOnContact', 'category', 'waiting'),
            jsonb_build_object('atMs', l.created + l.span / 2, 'status', 'waitingOnUs', 'category', 'open'),
            jsonb_build_object('atMs', l.closed, 'status', 'closed', 'category', 'closed')) end,
        'marks', case when l.closed is null then '[]'::jsonb
          else jsonb_build_array(
            jsonb_build_object('atMs', l.created + l.span / 4, 'kind', 'reply', 'messageId', gen_random_uuid()),
            jsonb_build_object('atMs', l.created + l.span / 2, 'kind', 'customer', 'messageId', gen_random_uuid()),
            jsonb_build_object('atMs', l.created + l.span * 3 / 4, 'kind', 'reply', 'messageId', gen_random_uuid()),
            jsonb_build_object('atMs', l.closed, 'kind', 'close', 'messageId', null)) end))
    from tickets t cross join lateral (
      select floor(extract(epoch from t.created_at) * 1000)::bigint as created,
        floor(extract(epoch from greatest(t.updated_at, t.created_at)) * 1000)::bigint as updated,
        floor(extract(epoch from t.closed_at) * 1000)::bigint as closed,
        floor(extract(epoch from (coalesce(t.closed_at, t.created_at) - t.created_at)) * 1000)::bigint as span) l
    where not exists (select 1 from ticket_snapshots s where s.ticket_id = t.id)`;
  await sql`vacuum analyze ticket_snapshots`;
}
