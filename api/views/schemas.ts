// Views on the wire. The tree of conditions is written out level by level, so that the document can say how deep it may be.
import { z } from '@hono/zod-openapi';
import { TICKET_SORTS } from '#domain/ticket-sort.ts';
import { SPAN_UNITS, VIEW_FIELDS, VIEW_OPS, viewFaults } from '#domain/view-conditions.ts';
import type { ViewConditions } from '#domain/view-conditions.ts';
import { VIEW_COLUMNS, VIEW_GROUPS, VIEW_LAYOUTS, VIEW_VISIBILITIES } from '#domain/view.ts';
import { At, ReadVersion, text, Uuid } from '../schemas.ts';

const Test = z
  .strictObject({
    field: text(110, 1).openapi({
      description: `One of ${VIEW_FIELDS.join(', ')}; or fields.<name> for a custom field.`,
    }),
    op: z.enum(VIEW_OPS),
    value: z
      .union([
        text(1_000),
        z.number(),
        z.boolean(),
        z.array(text(1_000)).max(100),
        z.strictObject({
          amount: z.number().int().min(1).max(1_000_000),
          unit: z.enum(SPAN_UNITS),
        }),
      ])
      .optional(),
  })
  .openapi('ViewCondition', {
    description:
      'Assignees can be `me` and `nobody`, teams `mine` and `none`. `before` and `after` (from then on) take an instant or a day, `between` two of them, ' +
      '`withinLast`, `olderThan` and `withinNext` a span. `contains` of a subject asks for words, of requester and company for a ' +
      'piece of name or address. A ticket without a value is on the side of `isNot`.',
    example: { field: 'priority', op: 'in', value: ['high', 'urgent'] },
  });
const level = <T extends z.ZodType>(inner: T) =>
  z.union([
    Test,
    z.strictObject({ all: z.array(inner).max(30) }),
    z.strictObject({ any: z.array(inner).max(30) }),
    z.strictObject({ not: inner }),
  ]);
/** Levels below the first are only described: written out, each would stand in the document three times for every one above it. */
const inner = <T extends z.ZodType>(schema: T): T =>
  schema.openapi({ type: 'object', description: 'A comparison, or again all, any or not.' });

/** A tree of conditions: at most four levels above the comparisons, at most thirty of those. */
export const ViewConditionsSchema = level(inner(level(inner(level(inner(level(Test)))))))
  .openapi('ViewConditions', { description: 'At most four levels and thirty comparisons.' })
  .superRefine((tree, context) => {
    for (const { path, message } of viewFaults(tree as ViewConditions)) {
      context.addIssue({ code: 'custom', path, message });
    }
  });

const shared = {
  name: text(100, 1),
  conditions: ViewConditionsSchema,
  columns: z.array(z.enum(VIEW_COLUMNS)).max(VIEW_COLUMNS.length),
  sort: z.enum(TICKET_SORTS),
  layout: z.enum(VIEW_LAYOUTS),
  groupBy: z.enum(VIEW_GROUPS).nullable().openapi({ description: 'Columns of a board.' }),
  visibility: z.enum(VIEW_VISIBILITIES),
  teamIds: z.array(Uuid).max(50),
  position: z.number().int().min(0).max(1_000_000),
  pinned: z.boolean(),
};

/** What is saved; everything but name and conditions has a default. */
export const NewView = z
  .strictObject({
    ...shared,
    columns: shared.columns.default(['subject', 'requester', 'status', 'assignee', 'updatedAt']),
    sort: shared.sort.default('-updatedAt'),
    layout: shared.layout.default('split'),
    groupBy: shared.groupBy.default(null),
    visibility: shared.visibility.default('private'),
    teamIds: shared.teamIds.default([]).openapi({ description: 'For visibility `teams`.' }),
    position: shared.position.default(0),
    pinned: shared.pinned
      .optional()
      .openapi({ description: 'For the caller alone; absent leaves it.' }),
    version: ReadVersion,
  })
  .openapi('NewView', {
    example: {
      name: 'Urgent of my teams',
      conditions: {
        all: [
          { field: 'category', op: 'isNot', value: 'closed' },
          { field: 'team', op: 'is', value: 'mine' },
          { field: 'priority', op: 'in', value: ['high', 'urgent'] },
        ],
      },
      sort: 'sla',
    },
  });

/** A view as it is shown: default ones have neither conditions nor an owner. */
export const View = z
  .strictObject({
    ...shared,
    id: z.string().openapi({ description: 'For default views their name.' }),
    kind: z.enum(['default', 'custom']),
    name: z.string(),
    conditions: z.union([ViewConditionsSchema, z.null()]),
    teamIds: z.array(z.string()),
    ownerId: z.string().nullable(),
    editable: z.boolean().openapi({ description: 'Whether the caller may change it.' }),
    version: z.number().int(),
    createdAt: At.nullable(),
    updatedAt: At.nullable(),
  })
  .openapi('View');
