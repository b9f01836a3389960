// Notices of the caller: reading them, marking them as read, and choosing where to be told of what.
import { createRoute, z } from '@hono/zod-openapi';
import {
  countUnreadNotifications,
  deleteNotificationSetting,
  findNotification,
  listNotifications,
  listNotificationSettings,
  readNotifications,
  upsertNotificationSetting,
} from '#db/notifications.ts';
import type { NotificationRow, NotificationSetting } from '#db/notifications.ts';
import type { Sql } from '#db/sql.ts';
import type { Viewer } from '#domain/permissions.ts';
import { NOTIFICATION_TOPICS, topicOf } from '#domain/notifications.ts';
import { asCaller } from './admin/audit.ts';
import type { ApiDeps, App } from './app-env.ts';
import { errorResponses, pageOf, Uuid } from './schemas.ts';
import { NoticeSchema } from './tickets/event-schemas.ts';
import { decodeCursor, encodeCursor, isTimePlace } from './wire.ts';

const MAX_COUNTED = 1_000;
const Topic = z.enum(NOTIFICATION_TOPICS);
const Ways = { bell: z.boolean(), browser: z.boolean(), email: z.boolean() };
const Unread = z
  .strictObject({
    unread: z
      .number()
      .int()
      .openapi({ description: `Counted up to ${MAX_COUNTED}.` }),
    more: z.boolean(),
  })
  .openapi('UnreadNotifications');
const Settings = z
  .strictObject({
    topics: z.array(
      z.strictObject({
        topic: Topic,
        ...Ways,
        chosen: z.boolean().openapi({ description: 'False: as everybody has it.' }),
      }),
    ),
  })
  .openapi('NotificationSettings');
const choiceOf = <T extends z.ZodType>(schema: T) =>
  z.partialRecord(Topic, schema).openapi({ description: 'An absent topic stays as it is.' });
const SettingsInput = z
  .strictObject({ topics: choiceOf(z.strictObject(Ways).nullable()) })
  .openapi('NotificationSettingsInput', {
    description: 'null takes a choice back: the topic is as everybody has it.',
    example: { topics: { mentioned: { bell: true, browser: true, email: true } } },
  });
const DefaultsInput = z
  .strictObject({ topics: choiceOf(z.strictObject(Ways)) })
  .openapi('NotificationDefaultsInput');
const ReadInput = z
  .union([
    z.strictObject({ ids: z.array(Uuid).min(1).max(500) }),
    z.strictObject({
      upTo: Uuid.openapi({ description: 'This notice and all that are older.' }),
    }),
    z.strictObject({
      ticketId: z.number().int().positive().openapi({ description: 'All of one ticket.' }),
    }),
    z.strictObject({ all: z.literal(true) }),
  ])
  .openapi('NotificationsRead', { example: { all: true } });
const unreadAnswer = {
  200: {
    description: 'What is left.',
    content: { 'application/json': { schema: Unread } },
  },
  ...errorResponses,
};
const settingsAnswer = {
  200: {
    description: 'Every topic.',
    content: { 'application/json': { schema: Settings } },
  },
  ...errorResponses,
};

const listRoute = createRoute({
  method: 'get',
  path: '/api/v1/notifications',
  operationId: 'listNotifications',
  summary: "The caller's notices at the bell, newest first",
  request: {
    query: z.object({
      unread: z.enum(['true', 'false']).default('false'),
      limit: z.coerce.number().int().min(1).max(100).default(50),
      cursor: z.string().max(500).optional(),
    }),
  },
  responses: {
    200: {
      description: 'One page.',
      content: { 'application/json': { schema: pageOf(NoticeSchema) } },
    },
    ...errorResponses,
  },
});
const countRoute = createRoute({
  method: 'get',
  path: '/api/v1/notifications/unread-count',
  operationId: 'countUnreadNotifications',
  summary: 'How many notices at the bell the caller has not read',
  responses: unreadAnswer,
});
const readRoute = createRoute({
  method: 'post',
  path: '/api/v1/notifications/read',
  operationId: 'readNotifications',
  summary: 'Mark notices as read: some, all up to one, all of a ticket, or all',
  request: { body: { required: true, content: { 'application/json': { schema: ReadInput } } } },
  responses: unreadAnswer,
});
const settingsPath = '/api/v1/me/notification-settings';
const getSettings = createRoute({
  method: 'get',
  path: settingsPath,
  operationId: 'getNotificationSettings',
  summary: 'Where the caller is told of what',
  responses: settingsAnswer,
});
const putSettings = createRoute({
  method: 'put',
  path: settingsPath,
  operationId: 'changeNotificationSettings',
  summary: 'Choose where to be told of what',
  request: { body: { required: true, content: { 'application/json': { schema: SettingsInput } } } },
  responses: settingsAnswer,
});
const defaultsPath = '/api/v1/notification-defaults';
const getDefaults = createRoute({
  method: 'get',
  path: defaultsPath,
  operationId: 'getNotificationDefaults',
  summary: 'Where people are told of what until they choose otherwise',
  responses: settingsAnswer,
});
const putDefaults = createRoute({
  method: 'put',
  path: defaultsPath,
  operationId: 'changeNotificationDefaults',
  summary: 'Change where people are told of what until they choose otherwise',
  request: { body: { required: true, content: { 'application/json': { schema: DefaultsInput } } } },
  responses: settingsAnswer,
});

/** Notices and where they are to show. */
export function registerNotifications(app: App, deps: ApiDeps): void {
  app.openapi(listRoute, async (c) => {
    const { unread, limit, cursor } = c.req.valid('query');
    const rows = await listNotifications(deps.sql, c.get('access'), {
      ...{ unread: unread === 'true', limit: limit + 1 },
      before: decodeCursor(cursor, isTimePlace),
    });
    const items = rows.slice(0, limit).map(noticeToWire);
    const last = rows[limit - 1];
    const more = rows.length > limit && last !== undefined;
    const nextCursor = more ? encodeCursor({ at: last.place, id: last.id }) : null;
    return c.json({ items, nextCursor }, 200);
  });
  app.openapi(countRoute, async (c) => c.json(await unreadOf(deps.sql, c.get('access')), 200));
  app.openapi(readRoute, async (c) => {
    const access = c.get('access');
    await readNotifications(deps.sql, access.userId, c.req.valid('json'));
    return c.json(await unreadOf(deps.sql, access), 200);
  });
  registerSettings(app, deps);
}

function registerSettings(app: App, deps: ApiDeps): void {
  app.openapi(getSettings, async (c) =>
    c.json(await settingsOf(deps.sql, c.get('caller').userId), 200),
  );
  app.openapi(putSettings, async (c) => {
    const { userId } = c.get('caller');
    const { topics } = c.req.valid('json');
    await deps.sql.begin(async (tx) => {
      for (const topic of NOTIFICATION_TOPICS) {
        const ways = topics[topic];
        if (ways === null) await deleteNotificationSetting(tx, userId, topic);
        else if (ways !== undefined)
          await upsertNotificationSetting(tx, { userId, topic, ...ways });
      }
    });
    return c.json(await settingsOf(deps.sql, userId), 200);
  });
  app.openapi(getDefaults, async (c) => c.json(await settingsOf(deps.sql, null), 200));
  app.openapi(putDefaults, async (c) => {
    const { topics } = c.req.valid('json');
    await asCaller(c, deps, async (sql) => {
      for (const topic of NOTIFICATION_TOPICS) {
        const ways = topics[topic];
        if (ways === undefined) continue;
        await upsertNotificationSetting(sql, { userId: null, topic, ...ways });
      }
    });
    return c.json(await settingsOf(deps.sql, null), 200);
  });
}

async function settingsOf(sql: Sql, userId: string | null): Promise<z.infer<typeof Settings>> {
  const rows = await listNotificationSettings(sql, userId);
  const place = ({ topic }: NotificationSetting) => NOTIFICATION_TOPICS.indexOf(topic);
  return { topics: rows.toSorted((one, other) => place(one) - place(other)) };
}

/** How many notices somebody has not read. */
async function unreadOf(sql: Sql, viewer: Viewer): Promise<z.infer<typeof Unread>> {
  const count = await countUnreadNotifications(sql, viewer, MAX_COUNTED + 1);
  return { unread: Math.min(count, MAX_COUNTED), more: count > MAX_COUNTED };
}

function noticeToWire({ place: _place, ...row }: NotificationRow): z.infer<typeof NoticeSchema> {
  const topic = topicOf(row.type);
  const [at, readAt] = [row.at.toISOString(), row.readAt?.toISOString() ?? null];
  // Written by the projection and by intake, in the shapes the schema names one by one.
  return { ...row, topic, at, readAt } as z.infer<typeof NoticeSchema>;
}

/** What an open stream says of a new notice of its caller, or of notices they have read elsewhere (id null). */
export async function noticeForStream(
  sql: Sql,
  viewer: Viewer,
  id: string | null,
): Promise<{ event: string; data: object } | null> {
  if (id === null) return { event: 'notificationsRead', data: await unreadOf(sql, viewer) };
  const row = await findNotification(sql, viewer, id);
  if (row === undefined) return null;
  const { bell, browser, ...notice } = row;
  return {
    event: 'notification',
    data: { notice: noticeToWire(notice), bell, browser, ...(await unreadOf(sql, viewer)) },
  };
}
