// Views: the default ones and those that people save; pins; what a draft of one would show. Their counts are in counts.ts.
import { createRoute, z } from '@hono/zod-openapi';
import {
  deleteView,
  deleteViewPin,
  findView,
  insertView,
  insertViewPin,
  listViewPins,
  listViews,
  updateView,
} from '#db/views.ts';
import type { ViewRow } from '#db/views.ts';
import { TICKET_VIEWS } from '#db/tickets.ts';
import type { TicketView } from '#db/tickets.ts';
import type { Sql, SqlPool } from '#db/sql.ts';
import { HoldfastError } from '#domain/errors.ts';
import type { ViewConditions } from '#domain/view-conditions.ts';
import { MAX_VIEWS_OWNED, mayEditView } from '#domain/view.ts';
import type { ViewReader, ViewValues } from '#domain/view.ts';
import { mayDo, mayUseView } from '#domain/permissions.ts';
import { asCaller } from '../admin/audit.ts';
import { conflict, refuseUnknown } from '../admin/references.ts';
import type { ApiDeps, App } from '../app-env.ts';
import { keepAnswer } from '../guard.ts';
import {
  errorResponses,
  expectedVersion,
  IdempotencyKey,
  IfMatch,
  pageOf,
  Uuid,
  UuidParam,
} from '../schemas.ts';
import { isDefaultView } from '../tickets/filter.ts';
import { mustBeAllowed } from '../access.ts';
import { readerOf, requireEditableView, requireView } from './access.ts';
import { registerViewCounts } from './counts.ts';
import { NewView, View } from './schemas.ts';

const viewContent = { 'application/json': { schema: View } };
const body = { required: true, content: { 'application/json': { schema: NewView } } };

const listRoute = createRoute({
  method: 'get',
  path: '/api/v1/views',
  operationId: 'listViews',
  summary: 'The default views, and the saved ones that the caller sees, in their order',
  request: {
    query: z.object({
      scope: z.enum(['mine', 'all']).default('mine').openapi({
        description: 'all: for admins, also what is shared with teams that are not theirs.',
      }),
    }),
  },
  responses: {
    200: {
      description: 'All of them; there is no further page.',
      content: { 'application/json': { schema: pageOf(View) } },
    },
    ...errorResponses,
  },
});
const createOne = createRoute({
  method: 'post',
  path: '/api/v1/views',
  operationId: 'createView',
  summary: 'Save a view of one’s own, shared or not',
  request: { headers: IdempotencyKey, body },
  responses: { 201: { description: 'The view.', content: viewContent }, ...errorResponses },
});
const getRoute = createRoute({
  method: 'get',
  path: '/api/v1/views/{id}',
  operationId: 'getView',
  summary: 'Get a saved view',
  request: { params: UuidParam },
  responses: { 200: { description: 'The view.', content: viewContent }, ...errorResponses },
});
const replaceRoute = createRoute({
  method: 'put',
  path: '/api/v1/views/{id}',
  operationId: 'replaceView',
  summary: 'Change a saved view: its owner, or an admin what is shared',
  request: { params: UuidParam, headers: IfMatch, body },
  responses: { 200: { description: 'The view.', content: viewContent }, ...errorResponses },
});
const deleteRoute = createRoute({
  method: 'delete',
  path: '/api/v1/views/{id}',
  operationId: 'deleteView',
  summary: 'Remove a saved view: its owner, or an admin what is shared',
  request: { params: UuidParam },
  responses: { 204: { description: 'Gone.' }, ...errorResponses },
});
const pinRoute = createRoute({
  method: 'put',
  path: '/api/v1/views/{id}/pin',
  operationId: 'pinView',
  summary: 'Pin a view, or take the pin back, for the caller alone',
  request: {
    params: z.object({ id: z.union([z.enum(TICKET_VIEWS), Uuid]) }),
    body: {
      required: true,
      content: { 'application/json': { schema: z.strictObject({ pinned: z.boolean() }) } },
    },
  },
  responses: {
    200: {
      description: 'Whether it is pinned.',
      content: { 'application/json': { schema: z.strictObject({ pinned: z.boolean() }) } },
    },
    ...errorResponses,
  },
});

/** List, create, read, change, remove, pin; counts and drafts. */
export function registerViews(app: App, deps: ApiDeps): void {
  // Before /views/{id}, which would take their addresses for ids.
  registerViewCounts(app, deps);
  app.openapi(listRoute, async (c) => {
    const viewer = readerOf(c.get('access'));
    const all = c.req.valid('query').scope === 'all' && viewer.admin;
    const { userId } = viewer;
    const access = c.get('access');
    const [rows, pins] = await Promise.all([
      mayDo(access, 'view.all') ? listViews(deps.sql, { userId, all }) : [],
      listViewPins(deps.sql, userId),
    ]);
    const defaults = TICKET_VIEWS.map((id, at) => defaultView(id, at, pins.includes(id))).filter(
      ({ id }) => mayUseView(access, id),
    );
    const items = [...defaults, ...rows.map((row) => toWire(row, viewer))];
    return c.json({ items, nextCursor: null }, 200);
  });
  app.openapi(getRoute, async (c) => {
    const access = c.get('access');
    const row = await requireView(deps.sql, access, c.req.valid('param').id);
    return c.json(toWire(row, readerOf(access)), 200);
  });
  app.openapi(createOne, async (c) => {
    const viewer = readerOf(c.get('access'));
    const { pinned, ...rest } = c.req.valid('json');
    if (rest.visibility !== 'private') mustBeAllowed(c, 'view.share');
    const values = await valuesOf(deps.sql, rest);
    const view = await asCaller(c, deps, async (sql) => {
      const made = await insertView(sql, viewer.userId, values, MAX_VIEWS_OWNED);
      if (made === undefined) {
        throw new HoldfastError('limitReached', `One person can own ${MAX_VIEWS_OWNED} views.`);
      }
      await setPin(sql, viewer.userId, made.id, pinned);
      const answer = await readBack(sql, made.id, viewer);
      await keepAnswer(c, sql, 201, answer);
      return answer;
    });
    return c.json(view, 201);
  });
  app.openapi(replaceRoute, async (c) => {
    const access = c.get('access');
    const { id } = c.req.valid('param');
    const input = c.req.valid('json');
    const { pinned, version: _version, ...rest } = input;
    await requireEditableView(deps.sql, access, id);
    if (rest.visibility !== 'private') mustBeAllowed(c, 'view.share');
    const values = await valuesOf(deps.sql, rest);
    const expected = expectedVersion(c.req.header('if-match'), input);
    const view = await asCaller(c, deps, async (sql) => {
      if (!(await updateView(sql, id, values, expected))) throw conflict();
      await setPin(sql, access.userId, id, pinned);
      return await readBack(sql, id, readerOf(access));
    });
    return c.json(view, 200);
  });
  app.openapi(deleteRoute, async (c) => {
    const { id } = c.req.valid('param');
    await requireEditableView(deps.sql, c.get('access'), id);
    await asCaller(c, deps, (sql) => deleteView(sql, id));
    return c.body(null, 204);
  });
  app.openapi(pinRoute, async (c) => {
    const access = c.get('access');
    const { id } = c.req.valid('param');
    const { pinned } = c.req.valid('json');
    if (!isDefaultView(id)) await requireView(deps.sql, access, id);
    await setPin(deps.sql, access.userId, id, pinned);
    return c.json({ pinned }, 200);
  });
}

async function setPin(
  sql: Sql,
  userId: string,
  view: string,
  pinned: boolean | undefined,
): Promise<void> {
  if (pinned === true) await insertViewPin(sql, userId, view);
  if (pinned === false) await deleteViewPin(sql, userId, view);
}

async function readBack(
  sql: SqlPool,
  id: string,
  viewer: ViewReader,
): Promise<z.infer<typeof View>> {
  const row = await findView(sql, id, { userId: viewer.userId, all: viewer.admin });
  if (row === undefined) throw conflict();
  return toWire(row, viewer);
}

/** Teams are named where they count, and must exist; elsewhere none are kept. */
async function valuesOf(
  sql: SqlPool,
  { teamIds, ...view }: Omit<z.infer<typeof NewView>, 'pinned' | 'version'>,
): Promise<ViewValues> {
  const conditions = view.conditions as ViewConditions;
  if (view.visibility !== 'teams') return { ...view, conditions, teamIds: [] };
  if (teamIds.length === 0) {
    throw new HoldfastError('invalidRequest', 'A view for teams names at least one.', {
      errors: [{ pointer: '/teamIds', message: 'names no team' }],
    });
  }
  await refuseUnknown(
    sql,
    teamIds.map((teamId, at) => ({ teamId, pointer: `/teamIds/${at}` })),
  );
  return { ...view, conditions, teamIds };
}

const DEFAULT_NAMES: Record<TicketView, string> = {
  unassigned: 'Unassigned',
  myTeamUnassigned: 'My team unassigned',
  assignedToMe: 'Assigned to me',
  allOpen: 'All open',
  myMentions: 'My mentions',
  following: 'Following',
  allClosed: 'All closed',
  sent: 'Sent',
  spam: 'Spam',
};

function defaultView(id: TicketView, position: number, pinned: boolean): z.infer<typeof View> {
  return {
    ...{ id, kind: 'default', name: DEFAULT_NAMES[id], position, pinned },
    ...{ conditions: null, sort: '-updatedAt', layout: 'split', groupBy: null },
    columns: ['subject', 'requester', 'status', 'assignee', 'updatedAt'],
    ...{ visibility: 'everyone', teamIds: [], ownerId: null, editable: false },
    ...{ version: 1, createdAt: null, updatedAt: null },
  };
}

function toWire(row: ViewRow, viewer: ViewReader): z.infer<typeof View> {
  return {
    ...row,
    kind: 'custom',
    // Checked when it was saved.
    conditions: row.conditions as z.infer<typeof View>['conditions'],
    editable: mayEditView(row, viewer),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}
