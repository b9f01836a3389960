// POST /calendars/{id}/holidays/import: the holidays of an iCalendar file become holidays of a calendar, by a new version of it.
import { createRoute, z } from '@hono/zod-openapi';
import { findCalendar } from '#db/policies.ts';
import type { CalendarRow } from '#db/policies.ts';
import { dayNumber, daysOfHoliday, holidayDays } from '#domain/calendar-compile.ts';
import { HoldfastError } from '#domain/errors.ts';
import type { ApiDeps, App } from '../app-env.ts';
import { errorResponses, text, UuidParam } from '../schemas.ts';
import { asCaller } from './audit.ts';
import { Calendar, saveDefinition } from './calendar-save.ts';
import { readHolidays, UnreadableHolidays } from './holiday-file.ts';
import type { ReadHoliday, SkippedEvent } from './holiday-file.ts';
import { Reason } from './versions.ts';

const MAX_FILE = 1_000_000;
const MAX_WINDOW_DAYS = 3_700;
const MAX_HOLIDAYS = 1_000;
/** This year and the two after it. */
const YEARS = 3;

const Day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
const FileBody = z
  .strictObject({
    ics: text(MAX_FILE, 1),
    from: Day.optional(),
    to: Day.optional(),
    dryRun: z.boolean().optional(),
    reason: Reason,
  })
  .openapi('HolidayImport', {
    description:
      'The text of an iCalendar file; from, to: the first and the last day taken (this year and the two after it); dryRun saves nothing. ' +
      'A file sent as text/calendar takes the same as query parameters.',
  });
const Holiday = z.strictObject({ date: z.string(), name: z.string() });
const Answer = z
  .strictObject({
    added: z.array(Holiday),
    known: z.array(Holiday),
    skipped: z.array(z.strictObject({ name: z.string(), reason: z.string() })),
    calendar: Calendar,
  })
  .openapi('HolidayImportAnswer', {
    description:
      'added: closed by this import; known: closed already; skipped: events that are no holiday here. A date may be a range.',
  });

const route = createRoute({
  method: 'post',
  path: '/api/v1/calendars/{id}/holidays/import',
  operationId: 'importHolidays',
  summary: 'Take holidays over from an iCalendar file',
  request: {
    params: UuidParam,
    query: z.object({
      from: Day.optional(),
      to: Day.optional(),
      dryRun: z.enum(['true', 'false']).optional(),
    }),
    body: {
      required: false,
      content: {
        'application/json': { schema: FileBody },
        'text/calendar': { schema: z.string().max(MAX_FILE) },
      },
    },
  },
  responses: {
    200: {
      description: 'What became of each event.',
      content: { 'application/json': { schema: Answer } },
    },
    ...errorResponses,
  },
});

interface Import {
  ics: string;
  from: string;
  to: string;
  dryRun: boolean;
  reason: string | undefined;
}

/** The import of holidays. */
export function registerHolidayImport(app: App, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const { id } = c.req.valid('param');
    const query = c.req.valid('query');
    const isFile = c.req.header('content-type')?.startsWith('text/calendar') === true;
    // The validated body is the JSON one; a file has no shape to be validated.
    const body = isFile
      ? { ics: await c.req.text() }
      : (c.req.valid('json') as Partial<z.infer<typeof FileBody>>);
    const asked = importOf(deps.clock(), { ...body, ...given(query) });
    const calendar = await findCalendar(deps.sql, id);
    if (calendar === undefined) throw new HoldfastError('notFound', 'There is no such thing.');
    const { added, known, skipped } = sortOut(calendar, asked);
    const unchanged = { id, version: calendar.version, name: calendar.name };
    const nothing = { ...unchanged, ...calendar.definition } as z.infer<typeof Calendar>;
    const saved =
      asked.dryRun || added.length === 0
        ? nothing
        : await asCaller(c, deps, (sql) =>
            saveDefinition(sql, {
              ...{ id, name: calendar.name, definition: withHolidays(calendar, added) },
              ...{ savedBy: c.get('caller').userId, expected: calendar.version },
              reason: asked.reason ?? importReason(added.length),
            }),
          );
    return c.json({ added, known, skipped, calendar: saved }, 200);
  });
}

/** What the query says, in the words of the body. */
function given(query: {
  from?: string | undefined;
  to?: string | undefined;
  dryRun?: 'true' | 'false' | undefined;
}): Partial<z.infer<typeof FileBody>> {
  const { from, to, dryRun } = query;
  return {
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(dryRun === undefined ? {} : { dryRun: dryRun === 'true' }),
  };
}

function importOf(nowMs: number, body: Partial<z.infer<typeof FileBody>>): Import {
  const { ics } = body;
  if (ics === undefined) {
    throw new HoldfastError(
      'unsupportedMediaType',
      'Send the file as text/calendar, or in the field "ics" of a JSON body.',
    );
  }
  if (ics.length > MAX_FILE) throw fault('ics', `longer than ${MAX_FILE} characters`);
  const year = new Date(nowMs).getUTCFullYear();
  const { from = `${year}-01-01`, to = `${year + YEARS - 1}-12-31`, dryRun = false } = body;
  const fromDay = dayNumber(from);
  const toDay = dayNumber(to);
  if (fromDay === null) throw fault('from', 'is not a date');
  if (toDay === null) throw fault('to', 'is not a date');
  if (toDay < fromDay) throw fault('to', 'comes before "from"');
  if (toDay - fromDay > MAX_WINDOW_DAYS) throw fault('to', 'is more than ten years after "from"');
  return { ics, from, to, dryRun, reason: body.reason };
}

const fault = (field: string, message: string): HoldfastError =>
  new HoldfastError('invalidRequest', `The import cannot be done: "${field}" ${message}.`, {
    errors: [{ pointer: `/${field}`, message }],
  });

/** Which of a file's holidays are new to a calendar. A day with hours of its own keeps them. */
function sortOut(
  { definition }: CalendarRow,
  asked: Import,
): { added: ReadHoliday[]; known: ReadHoliday[]; skipped: SkippedEvent[] } {
  const { holidays, skipped } = read(asked);
  const closed = holidayDays(definition.holidays ?? []);
  const withHours = new Set(Object.keys(definition.overrides ?? {}).map(dayNumber));
  const added: ReadHoliday[] = [];
  const known: ReadHoliday[] = [];
  for (const holiday of holidays) {
    const days = daysOfHoliday(holiday.date) ?? [];
    if (days.every((day) => withHours.has(day))) {
      const reason = `${holiday.date} has hours of its own in this calendar.`;
      skipped.push({ name: holiday.name, reason });
    } else if (days.every((day) => closed.has(day))) known.push(holiday);
    else added.push(holiday);
    for (const day of days) closed.add(day);
  }
  if ((definition.holidays?.length ?? 0) + added.length > MAX_HOLIDAYS) {
    throw fault('ics', `would bring the calendar beyond ${MAX_HOLIDAYS} holidays`);
  }
  return { added, known, skipped };
}

function read({ ics, from, to }: Import): ReturnType<typeof readHolidays> {
  try {
    return readHolidays(ics, { from, to });
  } catch (error) {
    if (!(error instanceof UnreadableHolidays)) throw error;
    throw new HoldfastError('invalidRequest', error.message, {
      errors: [{ pointer: '/ics', message: error.message }],
    });
  }
}

function withHolidays({ definition }: CalendarRow, added: readonly ReadHoliday[]) {
  const holidays = [...(definition.holidays ?? []), ...added.map(({ date }) => date)];
  return { ...definition, holidays: holidays.toSorted() };
}

const importReason = (count: number): string =>
  `Imported ${count} ${count === 1 ? 'holiday' : 'holidays'} from an iCalendar file.`;
