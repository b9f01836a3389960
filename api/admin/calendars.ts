// Working hours: calendars, every save a new version, and a preview of what a calendar makes of a goal.
import { createRoute, z } from '@hono/zod-openapi';
import { deleteCalendar, listCalendars, listCalendarVersions } from '#db/policies.ts';
import type { CalendarDefinition } from '#domain/calendar-compile.ts';
import { HoldfastError } from '#domain/errors.ts';
import {
  NamedCalendarSchema,
  previewBusinessHours,
  PreviewSchema,
} from '#domain/sla-policy-schema.ts';
import type { ApiDeps, App } from '../app-env.ts';
import { At, errorResponses } from '../schemas.ts';
import { Calendar, calendarShape, saveDefinition } from './calendar-save.ts';
import { registerHolidayImport } from './holiday-import.ts';
import { registerResource } from './resource.ts';
import { Reason, registerVersions } from './versions.ts';

const PreviewAnswer = z.union([
  z.strictObject({ dueAt: At.nullable() }),
  z.strictObject({ elapsedSeconds: z.number() }),
  z.strictObject({ nextOpenAt: At.nullable() }),
]);

/** Calendars, their versions, the import of holidays, and the preview of what they make of goals. */
export function registerCalendars(app: App, deps: ApiDeps): void {
  const path = '/api/v1/calendars';
  registerResource(app, deps, {
    path,
    name: 'Calendar',
    input: NamedCalendarSchema.safeExtend({ reason: Reason }),
    output: Calendar,
    orderBy: 'name',
    list: async ({ sql }, page) =>
      (await listCalendars(sql, page)).map(({ definition, ...row }) => ({ ...row, ...definition })),
    async save({ sql }, id, body, { caller, expected }) {
      const { name, version: _version, reason = null, ...rest } = body;
      return await saveDefinition(sql, {
        ...{ id, name, definition: rest as CalendarDefinition },
        ...{ savedBy: caller.userId, expected, reason },
      });
    },
    async remove({ sql }, id) {
      const outcome = await deleteCalendar(sql, id);
      if (outcome === 'inUse')
        throw new HoldfastError('inUse', 'An SLA policy or auto-close counts by this calendar.');
      return outcome === 'deleted';
    },
  });
  registerVersions(app, deps, {
    path,
    name: 'Calendar',
    definition: calendarShape,
    output: Calendar,
    list: listCalendarVersions,
    async save({ sql }, id, content: CalendarDefinition & { name: string }, by) {
      const { name, ...definition } = content;
      return await saveDefinition(sql, {
        ...{ id, name, definition, savedBy: by.caller.userId },
        ...{ expected: by.expected, reason: by.reason },
      });
    },
  });
  registerHolidayImport(app, deps);
  registerPreview(app);
}

function registerPreview(app: App): void {
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
