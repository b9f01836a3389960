// POST /api/v1/business-hours/preview: three questions about a calendar that need not be saved, and their answers.
// Pure: the API hands the body in and the answer out.
import { z } from 'zod';
import { dueAtMs, elapsedMs, nextOpenMs } from './business-calendar.ts';
import type { Pause } from './business-calendar.ts';
import { compileCalendar } from './calendar-compile.ts';
import type { CalendarDefinition } from './calendar-compile.ts';
import { CalendarSchema } from './calendar-schema.ts';

const Instant = z.iso.datetime({ offset: true });
const MAX_GOAL_SECONDS = 10 * 366 * 86_400;

/** The fields that make each question, beside the calendar. */
const QUESTIONS: readonly { needs: readonly Field[]; allows: readonly Field[] }[] = [
  { needs: ['start', 'goalSeconds'], allows: ['start', 'goalSeconds', 'pauses'] },
  { needs: ['from', 'to'], allows: ['from', 'to', 'pauses'] },
  { needs: ['at'], allows: ['at'] },
];
type Field = 'start' | 'goalSeconds' | 'from' | 'to' | 'at' | 'pauses';
const FIELDS: readonly Field[] = ['start', 'goalSeconds', 'from', 'to', 'at', 'pauses'];

/**
 * The body of a preview. One object and not a union, so that an issue names the field and not "no alternative fits".
 * A zero goal asks for the next opening; a negative one is refused.
 */
export const PreviewSchema = z
  .strictObject({
    calendar: CalendarSchema,
    start: Instant.optional(),
    goalSeconds: z.number().int().min(0).max(MAX_GOAL_SECONDS).optional(),
    from: Instant.optional(),
    to: Instant.optional(),
    at: Instant.optional(),
    pauses: z.array(z.array(Instant).length(2)).max(1_000).optional(),
  })
  .superRefine((body, ctx) => {
    refineQuestion(body, ctx);
    for (const [index, [from = '', to = '']] of (body.pauses ?? []).entries()) {
      if (Date.parse(from) <= Date.parse(to)) continue;
      ctx.addIssue({
        code: 'custom',
        path: ['pauses', index],
        message: 'A pause ends before it begins.',
      });
    }
  })
  .describe(
    'One of three questions: {calendar, start, goalSeconds, pauses?} when a goal is due; {calendar, from, to, pauses?} how much ' +
      'working time passed; {calendar, at} when it opens next.',
  );

/** A parsed body of a preview. */
export type PreviewRequest = z.infer<typeof PreviewSchema>;

/** The answer to each question: ISO instants in UTC, null when there is none within ten years. */
export type PreviewAnswer =
  | { dueAt: string | null }
  | { elapsedSeconds: number }
  | { nextOpenAt: string | null };

/** Answers one question about a calendar. Throws RangeError for a body that PreviewSchema refuses. */
export function previewBusinessHours(request: PreviewRequest): PreviewAnswer {
  // Zod spells optional fields as "undefined allowed"; a definition does not tell the difference.
  const calendar = compileCalendar(request.calendar as CalendarDefinition);
  const { start, goalSeconds, from, to, at } = request;
  if (at !== undefined) return { nextOpenAt: isoOf(nextOpenMs(calendar, Date.parse(at))) };
  const pauses = (request.pauses ?? []).map(([pauseFrom = '', pauseTo = '']): Pause => [
    Date.parse(pauseFrom),
    Date.parse(pauseTo),
  ]);
  if (start !== undefined && goalSeconds !== undefined) {
    return { dueAt: isoOf(dueAtMs(calendar, Date.parse(start), goalSeconds * 1000, pauses)) };
  }
  if (from !== undefined && to !== undefined) {
    const workedMs = elapsedMs(calendar, Date.parse(from), Date.parse(to), pauses);
    return { elapsedSeconds: workedMs / 1000 };
  }
  throw new RangeError('Neither start and goalSeconds, nor from and to, nor at were given.');
}

/** Exactly the fields of one question: a missing or a surplus one is named. */
function refineQuestion(body: Partial<Record<Field, unknown>>, ctx: z.RefinementCtx): void {
  const given = FIELDS.filter((field) => body[field] !== undefined);
  // The question meant is the first of which any field is there.
  const question = QUESTIONS.find(({ needs }) => needs.some((field) => given.includes(field)));
  if (question === undefined) {
    ctx.addIssue({
      code: 'custom',
      path: [],
      message: 'Ask by start and goalSeconds, by from and to, or by at.',
    });
    return;
  }
  for (const field of question.needs.filter((needed) => !given.includes(needed))) {
    ctx.addIssue({ code: 'custom', path: [field], message: `${field} is missing.` });
  }
  for (const field of given.filter((surplus) => !question.allows.includes(surplus))) {
    ctx.addIssue({
      code: 'custom',
      path: [field],
      message: `${field} does not go with ${question.needs.join(' and ')}.`,
    });
  }
}

function isoOf(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
