// What stands around a ticket on its page: whose it is, what else they asked, who works on it, and by which promise.
import type { Condition, GoalName, GoalTarget, StatusCategory } from '#domain/desk.ts';
import type { Viewer } from '#domain/permissions.ts';
import { visibleTickets } from './access.ts';
import { planned } from './sql.ts';
import type { Sql } from './sql.ts';

/** A thing by its id and what people call it. */
interface Named {
  id: string;
  name: string;
}

/** Everything around one ticket. */
export interface TicketContextRow {
  contact: {
    id: string;
    name: string | null;
    email: string | null;
    phone: string | null;
    createdAt: string;
  };
  owner: Named | null;
  company: (Named & { domain: string | null }) | null;
  assignee: Named | null;
  team: Named | null;
  mailbox: (Named & { address: string | null }) | null;
  pipeline: Named & { statuses: (Named & { category: StatusCategory })[] };
  followers: Named[];
  policy:
    | (Named & {
        version: number;
        conditions: Condition[];
        goals: Partial<Record<GoalName, GoalTarget>>;
        pauseStatuses: string[];
      })
    | null;
  calendar: (Named & { version: number }) | null;
  language: string | null;
}

/** Everything around a ticket but its contact's other tickets, in one look; undefined when there is no such ticket. */
export async function findTicketContext(
  sql: Sql,
  ticketId: number,
): Promise<TicketContextRow | undefined> {
  const [row] = await planned(sql)<TicketContextRow[]>`
    select json_build_object('id', c.id, 'name', c.name, 'email', c.email, 'phone', c.phone, 'createdAt', c.created_at) as contact,
      case when o.id is not null then json_build_object('id', o.id, 'name', o.name) end as owner,
      case when co.id is not null then json_build_object('id', co.id, 'name', co.name, 'domain', co.domain) end as company,
      case when a.id is not null then json_build_object('id', a.id, 'name', a.name) end as assignee,
      case when team.id is not null then json_build_object('id', team.id, 'name', team.name) end as team,
      case when ch.id is not null then json_build_object('id', ch.id, 'name', ch.name, 'address', ch.address) end as mailbox,
      json_build_object('id', p.id, 'name', p.name, 'statuses', (
        select json_agg(json_build_object('id', s.id, 'name', s.name, 'category', s.category) order by s.position, s.id)
        from pipeline_statuses s where s.pipeline_id = p.id)) as pipeline,
      coalesce((select json_agg(json_build_object('id', f.id, 'name', f.name) order by f.name, f.id)
        from users f where f.id = any(t.followers)), '[]') as followers,
      case when v.policy_id is not null then json_build_object('id', v.policy_id, 'name', v.name, 'version', v.version,
        'conditions', coalesce(v.definition->'conditions', '[]'), 'goals', coalesce(v.definition->'goals', '{}'),
        'pauseStatuses', coalesce(v.definition->'pauseStatuses', '[]')) end as policy,
      case when cv.calendar_id is not null then
        json_build_object('id', cv.calendar_id, 'name', cv.name, 'version', cv.version) end as calendar, t.language
    from tickets t
    join contacts c on c.id = t.requester_id
    join pipelines p on p.id = t.pipeline_id
    left join users o on o.id = c.owner_id
    left join companies co on co.id = coalesce(t.company_id, c.company_id)
    left join users a on a.id = t.assignee_id
    left join teams team on team.id = t.team_id
    left join channels ch on ch.id = t.channel_id
    left join sla_policy_versions v on v.policy_id = t.policy_id and v.version = t.policy_version
    left join calendar_versions cv on cv.calendar_id = (v.definition->>'calendarId')::uuid and cv.version = t.calendar_version
    where t.id = ${ticketId}`;
  return row;
}

/** Another ticket of the same contact. */
export interface OtherTicketRow {
  id: number;
  subject: string;
  status: string;
  category: string;
  priority: string;
  assigneeId: string | null;
  createdAt: Date;
  updatedAt: Date;
}

/** The newest of the other tickets of a ticket's contact that somebody sees, without spam and those merged away. The index on requesters serves it. */
export async function listOtherTickets(
  sql: Sql,
  viewer: Viewer,
  ticketId: number,
  limit: number,
): Promise<OtherTicketRow[]> {
  return await sql<OtherTicketRow[]>`
    select t.id, t.subject, t.status, t.category, t.priority, t.assignee_id as "assigneeId", t.created_at as "createdAt",
      t.updated_at as "updatedAt"
    from tickets t
    where t.requester_id = (select requester_id from tickets where id = ${ticketId}) and t.id <> ${ticketId}
      and not t.spam and t.merged_into_id is null ${visibleTickets(sql, viewer)}
    order by t.updated_at desc, t.id desc limit ${limit}`;
}

/** How many other tickets a ticket's contact has, counted up to a limit. */
export async function countOtherTickets(
  sql: Sql,
  viewer: Viewer,
  ticketId: number,
  limit: number,
): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::integer as count from (
      select 1 from tickets t
      where t.requester_id = (select requester_id from tickets where id = ${ticketId}) and t.id <> ${ticketId}
        and not t.spam and t.merged_into_id is null ${visibleTickets(sql, viewer)}
      limit ${limit}) others`;
  return row?.count ?? 0;
}
