// What an admin may save about pipelines and about tickets that wait: schemas with their cross-checks.
import { z } from 'zod';
import { CLOSE_WARNING_PLACEHOLDERS } from './desk.ts';
import { unknownPlaceholders } from './mail.ts';

const YEAR_SECONDS = 366 * 86_400;
const Category = z.enum(['new', 'open', 'waiting', 'closed']);
const StatusId = z.string().regex(/^[a-zA-Z][a-zA-Z0-9]{0,63}$/);
const writtenText = (max: number, min: number) =>
  z
    .string()
    .min(min)
    .max(max)
    .refine(
      (value) => !value.includes('\0') && value.isWellFormed(),
      'must be well-formed text without NUL',
    );

/** A status by name, or the first one of a category. */
const Target = z.union([
  z.strictObject({ category: Category }),
  z.strictObject({ status: StatusId }),
]);
const ByCategory = z.strictObject({ category: Category });
/** A customer who wrote must not be put where nobody looks. */
const ForCustomer = z.strictObject({ category: z.enum(['new', 'open', 'waiting']) });

/** Where events by mail move tickets, for the whole desk. */
export const DeskStatusOnSchema = z.strictObject({
  customerReply: ForCustomer.nullable(),
  firstInbound: ByCategory.nullable(),
  deliveryFailed: ByCategory.nullable(),
  bounce: ByCategory.nullable(),
});

/** The same in one pipeline; an absent key follows the desk. */
export const StatusOnSchema = z.strictObject({
  customerReply: Target.nullable()
    .optional()
    .describe('Where a customer’s reply moves a waiting ticket; null leaves it.'),
  agentReply: Target.nullable()
    .optional()
    .describe('Where a public reply moves a new or open ticket; null leaves it.'),
  firstInbound: Target.nullable()
    .optional()
    .describe('The status a ticket made by mail begins in.'),
  deliveryFailed: Target.nullable()
    .optional()
    .describe('Where an open ticket goes when a mail of it could not be delivered.'),
  bounce: Target.nullable()
    .optional()
    .describe('Where an open ticket goes when a mail comes back.'),
});

const Seconds = z.number().int().positive().max(YEAR_SECONDS);

/** When a ticket that waits for its requester closes itself. */
export const AutoCloseSchema = z
  .strictObject({
    afterSeconds: Seconds,
    calendarId: z.uuid().nullable().optional(),
    warnBeforeSeconds: Seconds.optional(),
    warning: z
      .strictObject({
        subject: writtenText(998, 1).optional(),
        body: writtenText(20_000, 1),
      })
      .optional(),
  })
  .superRefine(({ afterSeconds, warnBeforeSeconds, warning }, context) => {
    for (const part of ['subject', 'body'] as const) {
      const [unknown] = unknownPlaceholders(warning?.[part] ?? '', CLOSE_WARNING_PLACEHOLDERS);
      if (unknown === undefined) continue;
      const there = CLOSE_WARNING_PLACEHOLDERS.map((name) => `{{${name}}}`).join(', ');
      const message = `there is no placeholder {{${unknown}}}; there are ${there}`;
      context.addIssue({ code: 'custom', path: ['warning', part], message });
    }
    if ((warnBeforeSeconds === undefined) !== (warning === undefined)) {
      const path = [warning === undefined ? 'warning' : 'warnBeforeSeconds'];
      context.addIssue({ code: 'custom', path, message: 'a warning needs a text and a time' });
    }
    if ((warnBeforeSeconds ?? 0) >= afterSeconds) {
      const message = 'must be shorter than afterSeconds';
      context.addIssue({ code: 'custom', path: ['warnBeforeSeconds'], message });
    }
  });

/** Which moves people may make. */
export const MovesSchema = z.strictObject({
  forbidSkips: z
    .boolean()
    .optional()
    .describe('People move tickets forward to the next status only.'),
  forbidBackward: z
    .boolean()
    .optional()
    .describe(
      'People move no ticket to an earlier status; reopening a closed one is no step back.',
    ),
  allowedTo: z
    .record(StatusId, z.array(StatusId).max(100))
    .optional()
    .describe(
      'By status: where people may move a ticket in it. Beside one of the rules above these are further targets; without them the only ones.',
    ),
});

/** A status as it is written; without positions the order of the list counts. */
const StatusInput = z.strictObject({
  id: StatusId,
  name: writtenText(100, 1),
  category: Category,
  position: z.number().int().min(0).max(1_000).optional(),
  atCreation: z.boolean().optional(),
});

const pipelineShape = {
  name: writtenText(200, 1),
  position: z.number().int().min(0).max(1_000_000).default(0),
  statuses: z.array(StatusInput).min(2).max(100),
  moves: MovesSchema.nullable()
    .describe('Which moves people may make; null: every one. An admin may override.')
    .default(null),
  statusOn: StatusOnSchema.describe(
    'Where mail moves tickets of this pipeline; an absent event follows the desk.',
  ).default({}),
  autoClose: AutoCloseSchema.nullable().optional(),
  moveTicketsTo: z.record(StatusId, StatusId).optional(),
  version: z.number().int().positive().max(2_147_483_647).optional(),
};

type Input = z.infer<z.ZodObject<typeof pipelineShape>>;
type Fault = { path: (string | number)[]; message: string };

/** A pipeline as an admin writes it. */
export const PipelineSchema = z.strictObject(pipelineShape).superRefine((pipeline, context) => {
  for (const { path, message } of [...statusFaults(pipeline), ...nameFaults(pipeline)]) {
    context.addIssue({ code: 'custom', path, message });
  }
});

function statusFaults({ statuses }: Input): Fault[] {
  const faults: Fault[] = [];
  for (const [index, { id }] of statuses.entries()) {
    if (statuses.findIndex((other) => other.id === id) < index) {
      faults.push({ path: ['statuses', index, 'id'], message: 'is used twice' });
    }
  }
  if (!statuses.some(({ category }) => category === 'closed')) {
    faults.push({ path: ['statuses'], message: 'one must be of category closed' });
  }
  if (!statuses.some(({ category }) => category === 'new' || category === 'open')) {
    faults.push({ path: ['statuses'], message: 'one must be of category new or open' });
  }
  const creates = statuses.some(
    ({ atCreation, category }) => atCreation !== false && category !== 'closed',
  );
  if (!creates) {
    const message = 'one that is not closed must be allowed at creation';
    faults.push({ path: ['statuses'], message });
  }
  return faults;
}

/** Names of statuses that the pipeline does not have would be met only later, by a ticket. */
function nameFaults({ statuses, moves, statusOn, moveTicketsTo }: Input): Fault[] {
  const faults: Fault[] = [];
  const known = (id: string): boolean => statuses.some((status) => status.id === id);
  const unknown = (path: (string | number)[], id: string): void => {
    if (!known(id)) faults.push({ path, message: `the pipeline has no status "${id}"` });
  };
  for (const [from, targets] of Object.entries(moves?.allowedTo ?? {})) {
    unknown(['moves', 'allowedTo', from], from);
    for (const [index, to] of targets.entries()) unknown(['moves', 'allowedTo', from, index], to);
  }
  for (const [event, target] of Object.entries(statusOn)) {
    if (target === null || target === undefined) continue;
    if ('status' in target) unknown(['statusOn', event], target.status);
    const closes =
      'status' in target
        ? statuses.find(({ id }) => id === target.status)?.category === 'closed'
        : target.category === 'closed';
    if (event === 'customerReply' && closes) {
      const message = 'a customer who writes must not be closed away';
      faults.push({ path: ['statusOn', event], message });
    }
  }
  for (const [from, to] of Object.entries(moveTicketsTo ?? {})) {
    unknown(['moveTicketsTo', from], to);
    if (known(from)) faults.push({ path: ['moveTicketsTo', from], message: 'stays as it is' });
  }
  return faults;
}
