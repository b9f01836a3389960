// Which save a ticket followed when it took over other rules: worked out from the versions its event names, as the timeline is read.
import { listCalendarSaves, listPolicySaves, listRemovedPolicies } from '#db/rule-causes.ts';
import type { SaveRow, VersionKey } from '#db/rule-causes.ts';
import type { Sql } from '#db/sql.ts';
import type { EventView } from '#db/timeline.ts';
import type { CarriedVersions } from '#domain/ticket-types.ts';
import type { z } from '@hono/zod-openapi';
import type { EventShapes } from './event-schemas.ts';

type Adopted = z.infer<EventShapes['rulesAdopted']>;
type Cause = NonNullable<Adopted['causes']>[number];
type Told = Adopted & CarriedVersions & { before: CarriedVersions };

/** Whether an event says what it followed on; those of before that was recorded do not. */
function isTold(data: unknown): data is Told {
  const { before, revision } = (data ?? {}) as Partial<Told>;
  return before !== undefined && revision !== undefined;
}

/** The events, each that took over rules with its causes. */
export async function withCauses(sql: Sql, events: readonly EventView[]): Promise<EventView[]> {
  const told = events.flatMap(({ type, data }) =>
    type === 'rulesAdopted' && isTold(data) ? [data] : [],
  );
  if (told.length === 0) return [...events];
  const keyOf = (id: string | null, version: number | null): VersionKey[] =>
    id === null || version === null ? [] : [{ id, version }];
  const [policies, calendars, removed] = await Promise.all([
    listPolicySaves(
      sql,
      told.flatMap(({ policyId, policyVersion }) => keyOf(policyId, policyVersion)),
    ),
    listCalendarSaves(
      sql,
      told.flatMap(({ calendarId, calendarVersion }) => keyOf(calendarId, calendarVersion)),
    ),
    listRemovedPolicies(
      sql,
      told.flatMap(({ before }) => before.policyId ?? []),
    ),
  ]);
  return events.map((event) =>
    event.type === 'rulesAdopted' && isTold(event.data)
      ? {
          ...event,
          data: {
            ...event.data,
            causes: causesOf(event.data, event.at, { policies, calendars, removed }),
          },
        }
      : event,
  );
}

interface Saves {
  policies: readonly SaveRow[];
  calendars: readonly SaveRow[];
  removed: Awaited<ReturnType<typeof listRemovedPolicies>>;
}

const NOTHING = { id: null, name: null, version: null, savedAt: null, savedBy: null, reason: null };

function causesOf(data: Told, at: Date, saves: Saves): Cause[] {
  const { before } = data;
  const since = (save: SaveRow): boolean =>
    save.revision !== null && save.revision > before.revision && save.revision <= data.revision;
  const samePolicy = before.policyId === data.policyId;
  const policy = find(saves.policies, data.policyId, data.policyVersion);
  const calendar = find(saves.calendars, data.calendarId, data.calendarVersion);
  // One that was removed later moved nothing here.
  const gone = saves.removed.find(({ id, savedAt }) => id === before.policyId && savedAt <= at);
  const causes: Cause[] = [];
  if (
    policy !== undefined &&
    (samePolicy ? before.policyVersion !== policy.version : since(policy))
  ) {
    causes.push(causeOf('policySaved', policy));
  }
  if (!samePolicy && gone !== undefined) {
    causes.push(causeOf('policyRemoved', { ...gone, reason: null }));
  }
  const sameCalendar = before.calendarId === data.calendarId;
  if (calendar !== undefined && sameCalendar && before.calendarVersion !== calendar.version) {
    causes.push(causeOf('calendarSaved', calendar));
  }
  if (causes.length > 0) return causes;
  return [{ kind: samePolicy ? 'deskChanged' : 'ticketChanged', ...NOTHING }];
}

function find(
  saves: readonly SaveRow[],
  id: string | null,
  version: number | null,
): SaveRow | undefined {
  return saves.find((one) => one.id === id && one.version === version);
}

function causeOf(kind: Cause['kind'], save: Omit<SaveRow, 'revision'>): Cause {
  const { id, name, version, savedBy, reason } = save;
  return { kind, id, name, version, savedAt: save.savedAt.toISOString(), savedBy, reason };
}
