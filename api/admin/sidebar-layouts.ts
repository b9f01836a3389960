// Layouts of what stands beside a ticket: everybody's, which is always there, and those of teams.
import { createRoute, z } from '@hono/zod-openapi';
import {
  deleteSidebarLayout,
  findSidebarLayoutOf,
  listSidebarLayouts,
  saveSidebarLayout,
} from '#db/sidebar-layouts.ts';
import type { SidebarLayoutRow } from '#db/sidebar-layouts.ts';
import { findUnknownPlaces } from '#db/people.ts';
import type { Sql } from '#db/sql.ts';
import { HoldfastError } from '#domain/errors.ts';
import { CARD_FIELDS, PLAIN_CARDS } from '#domain/sidebar.ts';
import type { SidebarCard } from '#domain/sidebar.ts';
import type { ApiDeps, App } from '../app-env.ts';
import { errorResponses, ReadVersion, text, Uuid } from '../schemas.ts';
import { conflict } from './references.ts';
import { registerResource } from './resource.ts';

const MAX_CARDS = 30;
const Field = z.union([z.enum(CARD_FIELDS), text(107, 8).regex(/^fields\./)]);
const Card = z
  .union([
    z.strictObject({
      type: z.literal('properties'),
      title: text(100, 1).nullable().default(null),
      fields: z.array(Field).min(1).max(50),
    }),
    z.strictObject({ type: z.enum(PLAIN_CARDS) }),
  ])
  .openapi('SidebarCard');
/** A layout as JSON. */
export const SidebarLayoutSchema = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    teamId: z.string().nullable(),
    cards: z.array(Card),
    version: z.number().int(),
  })
  .openapi('SidebarLayout');
const Input = z.strictObject({
  name: text(200, 1),
  teamId: Uuid.nullable().default(null).openapi({
    description: 'Whose it is; null is everybody’s. A team has one layout at most.',
  }),
  cards: z.array(Card).max(MAX_CARDS).openapi({ description: 'From top to bottom.' }),
  version: ReadVersion,
});

/** A layout as JSON: what is stored was checked when it was saved. */
export const layoutToWire = (row: SidebarLayoutRow): z.infer<typeof SidebarLayoutSchema> =>
  row as z.infer<typeof SidebarLayoutSchema>;

/** The layout somebody sees. Everybody's is always there. */
export async function requireLayoutOf(
  sql: Sql,
  userId: string,
): Promise<z.infer<typeof SidebarLayoutSchema>> {
  const row = await findSidebarLayoutOf(sql, userId);
  if (row === undefined) throw new HoldfastError('notFound', 'There is no layout.');
  return layoutToWire(row);
}

/** Layouts for admins, and the caller's own. */
export function registerSidebarLayouts(app: App, deps: ApiDeps): void {
  const forMe = createRoute({
    method: 'get',
    path: '/api/v1/sidebar-layouts/for-me',
    operationId: 'getMySidebarLayout',
    summary: 'What stands beside a ticket for the caller: their main team’s layout, or everybody’s',
    responses: {
      200: {
        description: 'The layout.',
        content: { 'application/json': { schema: SidebarLayoutSchema } },
      },
      ...errorResponses,
    },
  });
  // Before /{id}, which would take it for one.
  app.openapi(forMe, async (c) =>
    c.json(await requireLayoutOf(deps.sql, c.get('caller').userId), 200),
  );
  registerResource(app, deps, {
    path: '/api/v1/sidebar-layouts',
    name: 'SidebarLayout',
    input: Input,
    output: SidebarLayoutSchema,
    orderBy: 'name',
    list: async ({ sql }, page) => (await listSidebarLayouts(sql, page)).map(layoutToWire),
    async save({ sql }, id, body, { expected }) {
      const { name, teamId } = body;
      await refusePlace(sql, id, teamId);
      const cards = body.cards as SidebarCard[];
      const saved = await saveSidebarLayout(sql, { id, name, teamId, cards, expected });
      if (saved === undefined) throw conflict();
      return layoutToWire(saved);
    },
    async remove({ sql }, id) {
      if (await deleteSidebarLayout(sql, id)) return true;
      if ((await layoutAt(sql, id)) === undefined) return false;
      throw new HoldfastError('inUse', 'Everybody’s layout stays; change it instead.');
    },
  });
}

const layoutAt = async (sql: Sql, id: string) =>
  (await listSidebarLayouts(sql)).find((one) => one.id === id);

/** A team that is not there, and everybody's layout becoming a team's: then nobody's would be left. */
async function refusePlace(sql: Sql, id: string | null, teamId: string | null): Promise<void> {
  const refuse = (message: string): never => {
    throw new HoldfastError('unknownReference', `teamId ${message}.`, {
      errors: [{ pointer: '/teamId', message }],
    });
  };
  const teamIds = teamId === null ? [] : [teamId];
  if ((await findUnknownPlaces(sql, { userIds: [], teamIds })).length > 0) {
    refuse('is unknown or out of use');
  }
  if (id === null || teamId === null) return;
  if ((await layoutAt(sql, id))?.teamId === null) refuse('cannot be set on everybody’s layout');
}
