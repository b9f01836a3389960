// Channels: the desk's addresses and how to reach their mailboxes. Passwords go in and never come out.
import { createRoute, z } from '@hono/zod-openapi';
import { findChannel, insertChannel, listChannels, updateChannel } from '#db/channels.ts';
import type { ChannelRow, ChannelSettings, SmtpSettings } from '#db/channels.ts';
import { HoldfastError } from '#domain/errors.ts';
import { SERVER_FAULTS } from '#domain/mail-servers.ts';
import type { ApiDeps, App } from '../app-env.ts';
import { At, ChannelKind, errorResponses, ReadVersion, text, UuidParam } from '../schemas.ts';
import { refuseUnknownPlaceholders } from '../placeholders.ts';
import { conflict } from './references.ts';
import { registerResource } from './resource.ts';

const HIDDEN = '********';
const Server = {
  host: text(253, 1),
  port: z.number().int().min(1).max(65_535),
  secure: z.boolean().optional(),
};
const Settings = z.strictObject({
  fromName: text(200, 1).optional(),
  fromNameOf: z.enum(['desk', 'agent', 'both']).optional().openapi({
    description: 'Whose name recipients see: fromName (desk, when absent), the agent’s, or both.',
  }),
  signature: text(10_000).optional().openapi({
    description:
      'Below messages of agents who have no signature of their own; may hold placeholders like {{agent.name}}.',
  }),
  signatureHtml: text(50_000).optional(),
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
const NewChannel = z.strictObject({
  kind: z.literal('email').default('email'),
  name: text(200, 1),
  address: z.email().max(320),
  enabled: z.boolean().default(true),
  settings: Settings.default({}),
  version: ReadVersion,
});
const Channel = z
  .strictObject({
    id: z.string(),
    kind: ChannelKind,
    name: z.string(),
    address: z.string().nullable(),
    enabled: z.boolean(),
    settings: Settings.openapi({ description: 'Passwords are shown as asterisks.' }),
    health: z
      .strictObject({ ok: z.boolean(), at: At, text: z.string() })
      .partial()
      .openapi({ description: 'What the mailbox said last; empty before its first answer.' }),
    version: z.number().int(),
  })
  .openapi('Channel');

const Servers = Settings.pick({ imap: true, smtp: true });
const TriedServer = z
  .strictObject({
    ok: z.boolean(),
    fault: z.enum(SERVER_FAULTS).nullable().openapi({
      description: 'How far the try came; null when the server can be used.',
    }),
    text: z.string().openapi({ description: 'In the words of the server or of the network.' }),
    address: z.string().nullable().openapi({ description: 'What was connected to.' }),
    tls: z
      .strictObject({ protocol: z.string(), cipher: z.string() })
      .nullable()
      .openapi({ description: 'Null where nothing was encrypted.' }),
    tookMs: z.number().int(),
  })
  .openapi('TriedServer');
const tried = {
  200: {
    description: 'How each of them answered, within 15 seconds; null for one that is not given.',
    content: {
      'application/json': {
        schema: z
          .strictObject({ imap: TriedServer.nullable(), smtp: TriedServer.nullable() })
          .openapi('TriedServers'),
      },
    },
  },
  ...errorResponses,
};
const tryNew = createRoute({
  method: 'post',
  path: '/api/v1/channels/test',
  operationId: 'tryNewChannel',
  summary: 'Connect to the servers of a mailbox that is not saved; nothing is read, sent or kept',
  request: { body: { required: true, content: { 'application/json': { schema: Servers } } } },
  responses: tried,
});
const tryOne = createRoute({
  method: 'post',
  path: '/api/v1/channels/{id}/test',
  operationId: 'tryChannel',
  summary:
    'Connect to the servers of a mailbox as it is saved, or as given; nothing is read, sent or kept',
  request: {
    params: UuidParam,
    body: {
      content: {
        'application/json': {
          schema: z.strictObject({
            settings: Servers.optional().openapi({
              description:
                'Servers to try instead of those saved; a hidden password stands for the saved one.',
            }),
          }),
        },
      },
    },
  },
  responses: tried,
});

type Login = Pick<SmtpSettings, 'host' | 'port' | 'secure' | 'user' | 'password'>;

/**
 * What is saved of settings that were read with hidden passwords: a password hidden or left out stays as it was, for the server and
 * user it was given for. Elsewhere it would be told to a server of the writer's choosing, who may not know it.
 */
function keepPasswords(
  next: ChannelSettings,
  stored: ChannelSettings | undefined,
): ChannelSettings {
  const keep = <T extends Login>(name: 'smtp' | 'imap', part: T, before: Login | undefined): T => {
    if (part.password !== undefined && part.password !== HIDDEN) return part;
    const same =
      before?.host === part.host &&
      before.port === part.port &&
      before.secure === part.secure &&
      before.user === part.user;
    if (same) return { ...part, password: before.password };
    if (part.password === undefined) return part;
    const message =
      'The password is hidden here. Give it anew: the stored one holds for its host, port, security and user only.';
    const pointer = `/settings/${name}/password`;
    throw new HoldfastError('invalidRequest', message, { errors: [{ pointer, message }] });
  };
  return {
    ...next,
    ...(next.smtp === undefined ? {} : { smtp: keep('smtp', next.smtp, stored?.smtp) }),
    ...(next.imap === undefined ? {} : { imap: keep('imap', next.imap, stored?.imap) }),
  };
}

/** A signature as it may be shown to others; a placeholder that is none is refused by its name. */
function safeSignature(deps: ApiDeps, settings: ChannelSettings): ChannelSettings {
  const { signature = '', signatureHtml } = settings;
  refuseUnknownPlaceholders('/settings/signature', signature);
  if (signatureHtml === undefined) return settings;
  refuseUnknownPlaceholders('/settings/signatureHtml', signatureHtml);
  return { ...settings, signatureHtml: deps.sanitizeHtml(signatureHtml) };
}

/** Passwords never leave; whether one is set does. */
function channelToWire({ settings, ...row }: ChannelRow) {
  const hide = <T extends { password?: string | undefined } | undefined>(part: T) =>
    part === undefined
      ? undefined
      : { ...part, password: part.password === undefined ? undefined : HIDDEN };
  return {
    ...row,
    settings: { ...settings, smtp: hide(settings.smtp), imap: hide(settings.imap) },
  };
}

/** Trying a mailbox before and after it is saved. */
function registerTries(app: App, deps: ApiDeps): void {
  app.openapi(tryNew, async (c) => {
    const servers = keepPasswords(c.req.valid('json'), undefined);
    return c.json(await deps.tryServers(servers), 200);
  });
  app.openapi(tryOne, async (c) => {
    const channel = await findChannel(deps.sql, c.req.valid('param').id);
    if (channel === undefined) throw new HoldfastError('notFound', 'There is no such thing.');
    const { settings = channel.settings } = c.req.valid('json');
    return c.json(await deps.tryServers(keepPasswords(settings, channel.settings)), 200);
  });
}

/** Channels. */
export function registerChannels(app: App, deps: ApiDeps): void {
  registerResource(app, deps, {
    path: '/api/v1/channels',
    name: 'Channel',
    input: NewChannel,
    output: Channel,
    orderBy: 'id',
    list: async ({ sql }, page) => (await listChannels(sql, page)).map(channelToWire),
    async save({ sql }, id, body, { expected }) {
      const address = body.address.toLowerCase();
      const stored = (await listChannels(sql)).find((one) => one.id === id)?.settings;
      const settings = safeSignature(deps, keepPasswords(body.settings, stored));
      const channel = { ...body, address, settings };
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
  registerTries(app, deps);
}
