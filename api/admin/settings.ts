// Admin resources: SLA policies, calendars, routing rules, teams, users, channels, API keys, desk settings.
import { createHash, randomBytes } from 'node:crypto';
import { createRoute, z } from '@hono/zod-openapi';
import { insertChannel, listChannels, updateChannel } from '#db/channels.ts';
import type { ChannelRow, ChannelSettings } from '#db/channels.ts';
import { findSettings, listPipelines, updateSettings } from '#db/desk-rules.ts';
import {
  deleteRoutingRule,
  findUnknownPlaces,
  findUser,
  insertApiKey,
  insertUser,
  listApiKeys,
  listRoutingRules,
  listTeams,
  listUsers,
  revokeApiKey,
  saveRoutingRule,
  saveTeam,
  updateAvailability,
  updateUser,
} from '#db/people.ts';
import {
  deleteCalendar,
  deletePolicy,
  findCalendar,
  listCalendars,
  listPolicies,
  listPolicyVersions,
  saveCalendar,
  savePolicy,
} from '#db/policies.ts';
import type { PolicyRow } from '#db/policies.ts';
import type { SqlPool } from '#db/sql.ts';
import { findTicketSource } from '#db/ticket-projection.ts';
import { compileCalendar } from '#domain/calendar-compile.ts';
import type { CalendarDefinition } from '#domain/calendar-compile.ts';
import type { SlaPolicyDefinition } from '#domain/desk.ts';
import { PRIORITIES } from '#domain/desk.ts';
import type { TicketFacts } from '#domain/desk.ts';
import { HoldfastError } from '#domain/errors.ts';
import { explainRules } from '#domain/routing.ts';
import type { RoutingRule } from '#domain/routing.ts';
import {
  CalendarSchema,
  NamedCalendarSchema,
  policyShape,
  previewBusinessHours,
  PreviewSchema,
} from '#domain/sla-policy-schema.ts';
import type { ApiDeps, App } from '../app-env.ts';
import { requireAdmin } from '../guard.ts';
import {
  ConditionSchema,
  errorResponses,
  Fields,
  ReadVersion,
  Tag,
  text,
  Uuid,
  UuidParam,
} from '../schemas.ts';
import { registerResource } from './resource.ts';

const Loose = z.looseObject({ id: z.string() });
const conflict = (): HoldfastError =>
  new HoldfastError('versionConflict', 'It was changed or removed meanwhile; read it again.');

/** A user or team that a rule or policy names, and the field it stands in. */
type Named = { userId: string; pointer: string } | { teamId: string; pointer: string };

/** A name of nobody would only be met by a ticket, whose row could then not be written: so it is refused at save. */
async function refuseUnknown(sql: SqlPool, named: readonly Named[]): Promise<void> {
  const idOf = (one: Named): string => ('userId' in one ? one.userId : one.teamId);
  const unknown = await findUnknownPlaces(sql, {
    userIds: named.flatMap((one) => ('userId' in one ? [one.userId] : [])),
    teamIds: named.flatMap((one) => ('teamId' in one ? [one.teamId] : [])),
  });
  if (unknown.length === 0) return;
  throw new HoldfastError('unknownReference', 'It names a user or team that does not exist.', {
    errors: named
      .filter((one) => unknown.includes(idOf(one)))
      .map(({ pointer }) => ({ pointer, message: 'unknown or inactive' })),
  });
}

function placesOfPolicy({ escalations }: SlaPolicyDefinition): Named[] {
  return escalations.flatMap(({ actions }, step) =>
    actions.flatMap((action, index): Named[] => {
      if (action.type !== 'reassign' && action.type !== 'notify') return [];
      const { to } = action;
      const pointer = `/escalations/${step}/actions/${index}/to`;
      if (typeof to === 'string') return [];
      return 'userId' in to
        ? [{ userId: to.userId, pointer: `${pointer}/userId` }]
        : [{ teamId: to.teamId, pointer: `${pointer}/teamId` }];
    }),
  );
}

function policyToWire(row: PolicyRow) {
  return {
    id: row.id,
    version: row.version,
    position: row.position,
    ...row.definition,
    savedAt: row.savedAt.toISOString(),
  };
}

function registerPolicies(app: App, deps: ApiDeps): void {
  registerResource(app, deps, {
    path: '/api/v1/sla-policies',
    name: 'SlaPolicy',
    input: z.strictObject({
      name: text(200, 1),
      conditions: z.array(ConditionSchema).max(50).default([]),
      ...policyShape,
    }),
    output: Loose,
    list: async ({ sql }) => (await listPolicies(sql)).map(policyToWire),
    async save({ sql }, id, body, { caller, expected }) {
      const { position, version: _version, ...definition } = body;
      if (body.calendarId !== null && (await findCalendar(sql, body.calendarId)) === undefined) {
        throw new HoldfastError('unknownReference', 'There is no such calendar.', {
          errors: [{ pointer: '/calendarId', message: 'unknown' }],
        });
      }
      await refuseUnknown(sql, placesOfPolicy(definition as SlaPolicyDefinition));
      const save = {
        id,
        position,
        definition: definition as SlaPolicyDefinition,
        savedBy: caller.userId,
        expected,
      };
      const saved = await savePolicy(sql, save);
      if (saved === null) throw conflict();
      const row = (await listPolicies(sql)).find((one) => one.id === saved.id);
      if (row === undefined) throw conflict();
      return policyToWire(row);
    },
    remove: ({ sql }, id) => deletePolicy(sql, id),
  });
}

function registerPolicyVersions(app: App, deps: ApiDeps): void {
  const route = createRoute({
    method: 'get',
    path: '/api/v1/sla-policies/{id}/versions',
    operationId: 'listSlaPolicyVersions',
    summary: 'Every version of a policy, newest first',
    request: { params: UuidParam },
    responses: {
      200: {
        description: 'All versions.',
        content: {
          'application/json': { schema: z.object({ items: z.array(Loose), nextCursor: z.null() }) },
        },
      },
      ...errorResponses,
    },
  });
  app.openapi(route, async (c) => {
    const rows = await listPolicyVersions(deps.sql, c.req.valid('param').id);
    if (rows.length === 0) throw new HoldfastError('notFound', 'There is no such policy.');
    return c.json({ items: rows.map(policyToWire), nextCursor: null }, 200);
  });
}

function registerCalendars(app: App, deps: ApiDeps): void {
  registerResource(app, deps, {
    path: '/api/v1/calendars',
    name: 'Calendar',
    input: NamedCalendarSchema,
    output: Loose,
    list: async ({ sql }) =>
      (await listCalendars(sql)).map(({ definition, ...row }) => ({ ...row, ...definition })),
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
        content: { 'application/json': { schema: z.looseObject({}) } },
      },
      ...errorResponses,
    },
  });
  app.openapi(preview, (c) => c.json(previewBusinessHours(c.req.valid('json')), 200));
}

/** A ticket nobody has written, told by what rules can ask of it. */
const ImaginedTicket = z.strictObject({
  channel: z.enum(['email', 'api', 'form']).default('email'),
  mailbox: text(320).nullable().default(null),
  subject: text(998).default(''),
  body: text(100_000).default(''),
  requesterEmail: z.email().max(320).nullable().default(null),
  companyId: Uuid.nullable().default(null),
  language: text(35).nullable().default(null),
  priority: z.enum(PRIORITIES).default('normal'),
  tags: z.array(Tag).max(100).default([]),
  teamId: Uuid.nullable().default(null),
  assigneeId: Uuid.nullable().default(null),
  pipelineId: text(100).default(''),
  status: text(100).default('new'),
  fields: Fields.default({}),
});
const ExplainInput = z.union([
  z.strictObject({ ticketId: z.number().int().positive().max(Number.MAX_SAFE_INTEGER) }),
  z.strictObject({ ticket: ImaginedTicket }),
]);

async function factsToExplain(
  sql: SqlPool,
  asked: z.infer<typeof ExplainInput>,
): Promise<TicketFacts> {
  if ('ticket' in asked) return { ticketId: 0, createdAtMs: Date.now(), ...asked.ticket };
  const source = await findTicketSource(sql, asked.ticketId);
  if (source === undefined) throw new HoldfastError('notFound', 'There is no such ticket.');
  const { id: ticketId, createdAt, ...rest } = source;
  return { ...rest, ticketId, createdAtMs: createdAt.getTime() };
}

function registerRouting(app: App, deps: ApiDeps): void {
  const explain = createRoute({
    method: 'post',
    path: '/api/v1/routing-rules/explain',
    operationId: 'explainRouting',
    summary: 'Which rule would take a ticket, and why the others would not',
    request: {
      body: {
        required: true,
        content: {
          'application/json': { schema: ExplainInput },
        },
      },
    },
    responses: {
      200: {
        description: 'Each rule in order.',
        content: { 'application/json': { schema: z.looseObject({}) } },
      },
      ...errorResponses,
    },
  });
  app.openapi(explain, async (c) => {
    const rules = explainRules(
      await listRoutingRules(deps.sql),
      await factsToExplain(deps.sql, c.req.valid('json')),
    );
    const winner = rules.find((rule) => rule.enabled && rule.matched);
    return c.json({ ruleId: winner?.ruleId ?? null, rules }, 200);
  });
  const Rule = z.strictObject({
    name: text(200, 1),
    position: z.number().int().min(0).max(1_000_000).default(0),
    enabled: z.boolean().default(true),
    conditions: z.array(ConditionSchema).max(50).default([]),
    assign: z.union([z.strictObject({ userId: Uuid }), z.strictObject({ teamId: Uuid })]),
    requiredSkills: z.array(Tag).max(50).default([]),
    version: ReadVersion,
  });
  registerResource(app, deps, {
    path: '/api/v1/routing-rules',
    name: 'RoutingRule',
    input: Rule,
    output: Loose,
    list: async ({ sql }) => (await listRoutingRules(sql)).map((row) => ({ ...row })),
    async save({ sql }, id, { version: _version, ...body }, { expected }) {
      const rule = body as Omit<RoutingRule, 'id' | 'version'>;
      const { assign } = rule;
      await refuseUnknown(sql, [
        'teamId' in assign
          ? { teamId: assign.teamId, pointer: '/assign/teamId' }
          : { userId: assign.userId, pointer: '/assign/userId' },
      ]);
      const saved = await saveRoutingRule(sql, { ...rule, id, expected });
      if (saved === null) throw conflict();
      return { ...rule, ...saved };
    },
    remove: ({ sql }, id) => deleteRoutingRule(sql, id),
  });
}

const UserInput = z.strictObject({
  name: text(200, 1),
  email: z.email().max(320),
  role: z.enum(['admin', 'agent', 'readOnly']),
  seat: z.boolean().default(true),
  capacity: z.number().int().min(0).max(10_000).nullable().default(null),
  skills: z.array(Tag).max(100).default([]),
  availability: z.enum(['available', 'away']).default('away'),
  workingHours: CalendarSchema.nullable().default(null),
  active: z.boolean().default(true),
  version: ReadVersion,
});

function registerPeople(app: App, deps: ApiDeps): void {
  registerResource(app, deps, {
    path: '/api/v1/teams',
    name: 'Team',
    input: z.strictObject({
      name: text(200, 1),
      strategy: z.enum(['manual', 'roundRobin', 'leastLoaded']).default('roundRobin'),
      members: z
        .array(
          z.strictObject({
            userId: Uuid,
            main: z.boolean().default(true),
            lead: z.boolean().default(false),
          }),
        )
        .max(500)
        .default([]),
      version: ReadVersion,
    }),
    output: Loose,
    list: async ({ sql }) => (await listTeams(sql)).map((row) => ({ ...row })),
    async save({ sql }, id, body, { expected }) {
      const saved = await saveTeam(sql, { ...body, id, expected });
      const row = (await listTeams(sql)).find((one) => one.id === saved?.id);
      if (row === undefined) throw conflict();
      return { ...row };
    },
  });
  registerResource(app, deps, {
    path: '/api/v1/users',
    name: 'User',
    input: UserInput,
    output: Loose,
    list: async ({ sql }) => (await listUsers(sql)).map((row) => ({ ...row })),
    async save({ sql }, id, body, { expected }) {
      const values = { ...body, workingHours: body.workingHours as CalendarDefinition | null };
      const saved =
        id === null ? await insertUser(sql, values) : await updateUser(sql, id, values, expected);
      if (saved === undefined && id === null)
        throw new HoldfastError('nameTaken', 'This email address is taken.');
      if (saved === undefined) throw conflict();
      const row = await findUser(sql, saved.id);
      if (row === undefined) throw conflict();
      return { ...row };
    },
  });
  const availability = createRoute({
    method: 'put',
    path: '/api/v1/users/{id}/availability',
    operationId: 'setAvailability',
    summary: 'Become available or away; waiting tickets follow at once',
    request: {
      params: UuidParam,
      body: {
        required: true,
        content: {
          'application/json': {
            schema: z.strictObject({ availability: z.enum(['available', 'away']) }),
          },
        },
      },
    },
    responses: {
      200: { description: 'The user.', content: { 'application/json': { schema: Loose } } },
      ...errorResponses,
    },
  });
  app.openapi(availability, async (c) => {
    const { id } = c.req.valid('param');
    if (c.get('caller').userId !== id) requireAdmin(c);
    const saved = await updateAvailability(deps.sql, id, c.req.valid('json').availability);
    if (saved === undefined) throw new HoldfastError('notFound', 'There is no such user.');
    return c.json({ ...saved }, 200);
  });
}

const Server = {
  host: text(253, 1),
  port: z.number().int().min(1).max(65_535),
  secure: z.boolean().optional(),
};

const HIDDEN = '********';

/** What is saved of settings that were read with hidden passwords: a password hidden or left out stays as it was. */
function keepPasswords(
  next: ChannelSettings,
  stored: ChannelSettings | undefined,
): ChannelSettings {
  const keep = <T extends { password?: string | undefined }>(
    part: T,
    before: string | undefined,
  ): T =>
    part.password === undefined || part.password === HIDDEN ? { ...part, password: before } : part;
  return {
    ...next,
    ...(next.smtp === undefined ? {} : { smtp: keep(next.smtp, stored?.smtp?.password) }),
    ...(next.imap === undefined ? {} : { imap: keep(next.imap, stored?.imap?.password) }),
  };
}

/** Passwords never leave; whether one is set does. */
function channelToWire({ settings, ...row }: ChannelRow) {
  const hide = <T extends { password?: string | undefined } | undefined>(part: T) =>
    part === undefined
      ? undefined
      : { ...part, password: part.password === undefined ? undefined : HIDDEN };
  return {
    ...row,
    settings: { fromName: settings.fromName, smtp: hide(settings.smtp), imap: hide(settings.imap) },
  };
}

function registerChannels(app: App, deps: ApiDeps): void {
  const Settings = z.strictObject({
    fromName: text(200, 1).optional(),
    smtp: z
      .strictObject({ ...Server, user: text(320).optional(), password: text(1_000).optional() })
      .optional(),
    imap: z
      .strictObject({
        ...Server,
        user: text(320, 1),
        password: text(1_000),
        folder: text(200, 1).optional(),
      })
      .optional(),
  });
  registerResource(app, deps, {
    path: '/api/v1/channels',
    name: 'Channel',
    input: z.strictObject({
      kind: z.literal('email').default('email'),
      name: text(200, 1),
      address: z.email().max(320),
      enabled: z.boolean().default(true),
      settings: Settings.default({}),
      version: ReadVersion,
    }),
    output: Loose,
    list: async ({ sql }) => (await listChannels(sql)).map(channelToWire),
    async save({ sql }, id, body, { expected }) {
      const address = body.address.toLowerCase();
      const stored = (await listChannels(sql)).find((one) => one.id === id)?.settings;
      const channel = { ...body, address, settings: keepPasswords(body.settings, stored) };
      const row =
        id === null
          ? await insertChannel(sql, channel)
          : await updateChannel(sql, { ...channel, id, expected });
      if (row === undefined && id !== null) throw conflict();
      if (row === undefined)
        throw new HoldfastError('nameTaken', 'This address is a channel already.');
      return channelToWire(row);
    },
  });
}

function registerKeys(app: App, deps: ApiDeps): void {
  registerResource(app, deps, {
    path: '/api/v1/api-keys',
    name: 'ApiKey',
    input: z.strictObject({
      name: text(200, 1),
      userId: Uuid,
      scopes: z
        .array(z.enum(['read', 'write', 'admin']))
        .min(1)
        .max(3),
    }),
    output: Loose,
    list: async ({ sql }) =>
      (await listApiKeys(sql)).map((row) => ({
        ...row,
        createdAt: row.createdAt.toISOString(),
        lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
        revokedAt: row.revokedAt?.toISOString() ?? null,
      })),
    async save({ sql }, id, body) {
      if (id !== null)
        throw new HoldfastError(
          'methodNotAllowed',
          'Keys are revoked and made anew, never changed.',
        );
      const token = `hf_${randomBytes(32).toString('base64url')}`;
      const tokenHash = createHash('sha256').update(token).digest();
      const key = await insertApiKey(sql, { ...body, tokenHash, tokenStart: token.slice(0, 8) });
      // The only time the token is shown.
      return { ...key, ...body, token };
    },
    remove: ({ sql }, id) => revokeApiKey(sql, id),
  });
}

function registerSettings(app: App, deps: ApiDeps): void {
  const Settings = z.strictObject({
    replyAssigns: z.boolean(),
    statusAfterReply: z.literal('waiting').nullable(),
    reopenWindowDays: z.number().int().min(0).max(3_650),
    undoSendSeconds: z.number().int().min(0).max(300),
    deliveryGiveUpHours: z.number().min(0).max(720),
    automaticPerSenderPerDay: z.number().int().min(0).max(100_000),
    messagesPerSenderPerHour: z.number().int().min(1).max(1_000_000),
  });
  const content = { 'application/json': { schema: Settings } };
  const read = createRoute({
    method: 'get',
    path: '/api/v1/settings',
    operationId: 'getSettings',
    responses: { 200: { description: 'The settings.', content }, ...errorResponses },
  });
  const change = createRoute({
    method: 'patch',
    path: '/api/v1/settings',
    operationId: 'patchSettings',
    request: {
      body: { required: true, content: { 'application/json': { schema: Settings.partial() } } },
    },
    responses: { 200: { description: 'The settings.', content }, ...errorResponses },
  });
  app.openapi(read, async (c) => c.json(await findSettings(deps.sql), 200));
  app.openapi(change, async (c) => {
    requireAdmin(c);
    const changes = Object.fromEntries(
      Object.entries(c.req.valid('json')).filter(([, value]) => value !== undefined),
    );
    await deps.sql.begin(async (tx) => updateSettings(tx, changes));
    return c.json(await findSettings(deps.sql), 200);
  });
  const pipelines = createRoute({
    method: 'get',
    path: '/api/v1/pipelines',
    operationId: 'listPipelines',
    responses: {
      200: {
        description: 'All.',
        content: {
          'application/json': { schema: z.object({ items: z.array(Loose), nextCursor: z.null() }) },
        },
      },
      ...errorResponses,
    },
  });
  app.openapi(pipelines, async (c) =>
    c.json(
      { items: (await listPipelines(deps.sql)).map((row) => ({ ...row })), nextCursor: null },
      200,
    ),
  );
}

/** Adds every admin resource. */
export function registerAdmin(app: App, deps: ApiDeps): void {
  registerPolicies(app, deps);
  registerPolicyVersions(app, deps);
  registerCalendars(app, deps);
  registerRouting(app, deps);
  registerPeople(app, deps);
  registerChannels(app, deps);
  registerKeys(app, deps);
  registerSettings(app, deps);
}
