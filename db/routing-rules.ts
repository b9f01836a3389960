// Routing rules, and the past tickets a draft of them is tried on.
import type { TicketFacts } from '#domain/desk.ts';
import type { Viewer } from '#domain/permissions.ts';
import type { RoutingRule } from '#domain/routing.ts';
import { visibleTickets } from './access.ts';
import { bumpRevision } from './revision.ts';
import { behind, json } from './sql.ts';
import type { ListPage, Sql, SqlPool } from './sql.ts';

const ruleColumns = (sql: Sql) => sql`
  id, version, name, position, enabled, conditions, assign, required_skills as "requiredSkills",
  required_levels as "requiredLevels", preferred_skills as "preferredSkills", sticky, fallback`;

/** Routing rules in order, all or one page of them. */
export async function listRoutingRules(sql: Sql, page?: ListPage): Promise<RoutingRule[]> {
  return await sql<RoutingRule[]>`
    select ${ruleColumns(sql)} from routing_rules where deleted_at is null ${behind(sql, 'position', page)}
    order by position, id limit ${page?.limit ?? null}`;
}

type Optional = 'requiredLevels' | 'preferredSkills' | 'sticky' | 'fallback';

/** What a rule can be made of. */
type RuleValues = Omit<RoutingRule, 'id' | 'version' | Optional> &
  Partial<Pick<RoutingRule, Optional>>;

/**
 * Saves a routing rule, new (id null) or changed; null when it is gone or `expected` is not its version. Tickets that wait by it are
 * offered anew: it may ask for less now.
 */
export async function saveRoutingRule(
  sql: SqlPool,
  rule: RuleValues & { id: string | null; expected?: number | null },
): Promise<RoutingRule | null> {
  const expected = rule.expected ?? null;
  const { requiredLevels = {}, preferredSkills = [], sticky = 'none', fallback = [] } = rule;
  return await sql.begin(async (tx) => {
    const [row] =
      rule.id === null
        ? await tx<RoutingRule[]>`
            insert into routing_rules (name, position, enabled, conditions, assign, required_skills, required_levels,
              preferred_skills, sticky, fallback)
            values (${rule.name}, ${rule.position}, ${rule.enabled}, ${json(tx, rule.conditions)},
              ${json(tx, rule.assign)}, ${rule.requiredSkills}, ${json(tx, requiredLevels)}, ${preferredSkills}, ${sticky},
              ${json(tx, fallback)})
            returning ${ruleColumns(tx)}`
        : await tx<RoutingRule[]>`
            update routing_rules set name = ${rule.name}, position = ${rule.position}, enabled = ${rule.enabled},
              conditions = ${json(tx, rule.conditions)}, assign = ${json(tx, rule.assign)},
              required_skills = ${rule.requiredSkills}, required_levels = ${json(tx, requiredLevels)},
              preferred_skills = ${preferredSkills}, sticky = ${sticky}, fallback = ${json(tx, fallback)},
              version = version + 1, updated_at = now()
            where id = ${rule.id} and deleted_at is null
              and (${expected}::integer is null or version = ${expected}::integer)
            returning ${ruleColumns(tx)}`;
    if (row === undefined) return null;
    if (rule.id !== null) await insertQueueCallsOfRule(tx, rule.id);
    await bumpRevision(tx);
    return row;
  });
}

/** Takes a rule out of use; false when there is none. Tickets that wait by it no longer ask for its skills. */
export async function deleteRoutingRule(sql: SqlPool, id: string): Promise<boolean> {
  return await sql.begin(async (tx) => {
    const rows = await tx`
      update routing_rules set deleted_at = now() where id = ${id} and deleted_at is null returning id`;
    if (rows.length === 0) return false;
    await insertQueueCallsOfRule(tx, id);
    await bumpRevision(tx);
    return true;
  });
}

/** Owes Temporal a look at the queues in which tickets wait by a rule; served by tickets_open_unassigned. */
async function insertQueueCallsOfRule(sql: Sql, ruleId: string): Promise<void> {
  await sql`
    with owed as (
      insert into relay_outbox (kind, team_id)
      select distinct 'assignQueue', t.team_id from tickets t join teams on teams.id = t.team_id and teams.active
      where t.assignee_id is null and t.category <> 'closed' and not t.spam and t.merged_into_id is null
        and t.routing->>'ruleId' = ${ruleId}
      returning id)
    select pg_notify('relay', id::text) from owed`;
}

/** A past ticket as the rules met it: its facts, its subject, and whether its creator chose the place. */
export interface PastTicket extends TicketFacts {
  placed: boolean;
}

/** The newest tickets before an id that somebody sees, newest first, as rules judge newborn ones: without an assignee, a team, or a status of later. */
export async function listPastTickets(
  sql: Sql,
  viewer: Viewer,
  beforeId: number | null,
  limit: number,
): Promise<PastTicket[]> {
  return await sql<PastTicket[]>`
    select t.id as "ticketId", floor(extract(epoch from t.created_at) * 1000)::bigint as "createdAtMs", t.channel,
      ch.address as mailbox, t.subject, c.email as "requesterEmail", t.company_id as "companyId", t.language, t.priority,
      t.tags, null as "teamId", null as "assigneeId", t.pipeline_id as "pipelineId", t.fields,
      coalesce(t.birth->>'status', (select s.id from pipeline_statuses s where s.pipeline_id = t.pipeline_id
        order by s.category <> 'new', s.position, s.id limit 1), t.status) as status,
      (t.birth->>'teamId' is not null or t.birth->>'assigneeId' is not null) as placed,
      coalesce((select left(m.body, 20000) from messages m
        where m.ticket_id = t.id and m.kind = 'inbound' order by m.created_at, m.id limit 1), '') as body
    from tickets t
    join contacts c on c.id = t.requester_id
    left join channels ch on ch.id = t.channel_id
    where (${beforeId}::bigint is null or t.id < ${beforeId}::bigint) ${visibleTickets(sql, viewer)}
    order by t.id desc limit ${limit}`;
}
