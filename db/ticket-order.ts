// Orders of lists of tickets, as stages that one index each gives in order: priorities and "deadlines first, then the rest" are lists
// behind each other, so that a page never sorts more than it shows. A place is a stage, the value there, and the id that breaks ties.
import { PRIORITIES } from '#domain/desk.ts';
import type { TicketSort } from '#domain/ticket-sort.ts';
import type { Sql } from './sql.ts';
import { openDue } from './ticket-conditions.ts';
import type { Fragment, Known } from './ticket-conditions.ts';

/** Where a ticket stands in an order; value is an instant with its microseconds. */
export interface TicketPlace {
  stage: number;
  value: string;
  id: number;
}

/** A page of a list. */
export interface TicketPage {
  sort: TicketSort;
  limit: number;
  after: TicketPlace | null;
}

/** A part of an order. */
export interface Stage {
  key: 'updated_at' | 'created_at' | 'open_due' | 'id';
  ascending: boolean;
  /** Only tickets with a deadline, only those without, only those of a priority. */
  only?: 'due' | 'notDue' | (typeof PRIORITIES)[number];
}

const CHANGED: Stage = { key: 'updated_at', ascending: false };
const DUE: Stage = { key: 'open_due', ascending: true, only: 'due' };

/** The stages of an order, first to last. */
export function stagesOf(sort: TicketSort): Stage[] {
  switch (sort) {
    case '-updatedAt':
      return [CHANGED];
    case 'updatedAt':
      return [{ key: 'updated_at', ascending: true }];
    case '-createdAt':
      return [{ key: 'created_at', ascending: false }];
    case 'createdAt':
      return [{ key: 'created_at', ascending: true }];
    case 'nextDueAt':
      return [DUE];
    case 'sla':
      return [DUE, { ...CHANGED, only: 'notDue' }];
    case '-priority':
      return PRIORITIES.toReversed().map((only) => ({ ...CHANGED, only }));
    case 'priority':
      return PRIORITIES.map((only) => ({ ...CHANGED, only }));
    case '-id':
      return [{ key: 'id', ascending: false }];
  }
}

/** "and …" for the tickets of a stage. A closed ticket has no deadline to be sorted by. */
export function narrowedTo(sql: Sql, { only }: Stage): Fragment {
  if (only === undefined) return sql``;
  if (only === 'due') return sql`and ${openDue(sql)} is not null`;
  if (only === 'notDue') return sql`and ${openDue(sql)} is null`;
  return sql`and t.priority = ${only}`;
}

/** What the narrowing of a stage says already. */
export const knownOf = ({ only }: Stage): Known => (only === 'due' ? 'open' : null);

const keyOf = (sql: Sql, key: Exclude<Stage['key'], 'id'>): Fragment =>
  key === 'open_due' ? openDue(sql) : sql`${sql(`t.${key}`)}`;

/** "and …" for what comes after a place. */
export function afterPlace(sql: Sql, stage: Stage, after: TicketPlace | null): Fragment {
  if (after === null) return sql``;
  if (stage.key === 'id') return sql`and t.id < ${after.id}`;
  const key = keyOf(sql, stage.key);
  return stage.ascending
    ? sql`and (${key}, t.id) > (${after.value}::text::timestamptz, ${after.id}::bigint)`
    : sql`and (${key}, t.id) < (${after.value}::text::timestamptz, ${after.id}::bigint)`;
}

/** The order of a stage. */
export function orderOf(sql: Sql, { key, ascending }: Stage): Fragment {
  if (key === 'id') return sql`order by t.id desc`;
  const name = keyOf(sql, key);
  return ascending ? sql`order by ${name}, t.id` : sql`order by ${name} desc, t.id desc`;
}

/** A ticket's place, as JSON. Milliseconds would not do: rows between two of them would be left out of the next page. */
export function placeIn(sql: Sql, { key }: Stage, number: number): Fragment {
  const at = key === 'id' ? sql`t.created_at` : keyOf(sql, key);
  return sql`json_build_object('stage', ${number}::integer, 'id', t.id,
    'value', to_char(${at} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))`;
}
