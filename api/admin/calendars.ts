// Working hours: calendars, every save a new version, and a preview of what a calendar makes of a goal.
import { createRoute, z } from '@hono/zod-openapi';
import { deleteCalendar, listCalendars, saveCalendar } from '#db/policies.ts';
import { compileCalendar } from '#domain/calendar-compile.ts';
import type { CalendarDefinition } from '#domain/calendar-compile.ts';
import { HoldfastError } from '#domain/errors.ts';
import {
  NamedCalendarSchema,
  previewBusinessHours,
  PreviewSchema,
} from '#domain/sla-policy-schema.ts';
import type { ApiDeps, App } from '../app-env.ts';
import { At, errorResponses } from '../schemas.ts';
import { conflict } from './references.ts';
import { registerResource } from './resource.ts';

const { hours, holidays, overrides } = NamedCalendarSchema.shape;
const Calendar = z
  .strictObject({
    id: z.string(),
    version: z.number().int(),
    name: z.string(),
    timeZone: z.string(),
    ...{ hours, holidays, overrides },
  })
  .openapi('Calendar');
const PreviewAnswer = z.union([
  z.strictObject({ dueAt: At.nullable() }),
  z.strictObject({ elapsedSeconds: z.number() }),
  z.strictObject({ nextOpenAt: At.nullable() }),
]);

/** Calendars and the preview of what they make of goals. */
export function registerCalendars(app: App, deps: ApiDeps): void {
  registerResource(app, deps, {
    path: '/api/v1/calendars',
    name: 'Calendar',
    input: NamedCalendarSchema,
    output: Calendar,
    orderBy: 'name',
    list: async ({ sql }, page) =>
      (await listCalendars(sql, page)).map(({ definition, ...row }) => ({ ...row, ...definition })),
    async save({ sql }, id, body, { caller, expected }) {
      const { name, version: _version, ...rest } = body;
      const definition = rest as CalendarDefinition;
      const saved = await saveCalendar(sql, {
        ...{ id, name, definition, compiled: compileCalendar(definition) },
        ...{ savedBy: caller.userId, expected },
      });
      if (saved === null) throw conflict();
      return { ...saved, name, ...definition };
    },
    async remove({ sql }, id) {
      const outcome = await deleteCalendar(sql, id);
      if (outcome === 'inUse')
        throw new HoldfastError('inUse', 'An SLA policy counts by this calendar.');
      return outcome === 'deleted';
    },
  });
  const preview = createRoute({
    method: 'post',
    path: '/api/v1/business-hours/preview',
    operationId: 'previewBusinessHours',
    summary: 'What a calendar makes of a goal, a span or an instant',
    request: {
      body: { required: true, content: { 'application/json': { schema: PreviewSchema } } },
    },
    responses: {
      200: {
        description: 'The answer.',
        content: { 'application/json': { schema: PreviewAnswer } },
      },
      ...errorResponses,
    },
  });
  app.openapi(preview, (c) => c.json(previewBusinessHours(c.req.valid('json')), 200));
}
