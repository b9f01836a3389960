// Channels: the desk's own addresses and how to reach their mailboxes.
import { json } from './sql.ts';
import type { ListPage, Sql } from './sql.ts';

/** How to send by one channel. */
export interface SmtpSettings {
  host: string;
  port: number;
  secure?: boolean | undefined;
  user?: string | undefined;
  password?: string | undefined;
}

/** How to read one channel's mailbox. */
export interface ImapSettings {
  host: string;
  port: number;
  secure?: boolean | undefined;
  user: string;
  password: string;
  folder?: string | undefined;
}

/** Settings of an email channel. Passwords stay on the server. */
export interface ChannelSettings {
  fromName?: string | undefined;
  /** Whose name recipients see: the desk's fromName (when absent), the agent's, or both. */
  fromNameOf?: 'desk' | 'agent' | 'both' | undefined;
  /** Below messages of agents without a signature of their own; may hold placeholders. */
  signature?: string | undefined;
  signatureHtml?: string | undefined;
  smtp?: SmtpSettings | undefined;
  imap?: ImapSettings | undefined;
}

/** A channel as stored. */
export interface ChannelRow {
  id: string;
  kind: 'email' | 'api' | 'form';
  name: string;
  address: string | null;
  enabled: boolean;
  settings: ChannelSettings;
  health: Record<string, unknown>;
  version: number;
}

/** Channels in the order they were made, which is that of their ids, all or one page of them. */
export async function listChannels(sql: Sql, page?: ListPage): Promise<ChannelRow[]> {
  const after = page?.after?.id ?? null;
  return await sql<ChannelRow[]>`
    select id, kind, name, address, enabled, settings, health, version from channels
    where ${after}::uuid is null or id > ${after}::uuid order by id limit ${page?.limit ?? null}`;
}

/** One channel, or undefined. */
export async function findChannel(sql: Sql, id: string): Promise<ChannelRow | undefined> {
  const [row] = await sql<ChannelRow[]>`
    select id, kind, name, address, enabled, settings, health, version from channels where id = ${id}`;
  return row;
}

/** The channel that mail of no ticket leaves by. */
export interface DefaultSender {
  address: string;
  settings: ChannelSettings;
}

/** The oldest enabled mail address of the desk, or undefined. */
export async function findDefaultSender(sql: Sql): Promise<DefaultSender | undefined> {
  const [row] = await sql<DefaultSender[]>`
    select address, settings from channels where kind = 'email' and enabled order by created_at, id limit 1`;
  return row;
}

/** Mailboxes that send, the oldest first; none of their settings. */
export async function listMailboxes(
  sql: Sql,
): Promise<{ id: string; name: string; address: string }[]> {
  return await sql<{ id: string; name: string; address: string }[]>`
    select id, name, address from channels where kind = 'email' and enabled and address is not null
    order by created_at, id`;
}

/** Whether mail of some enabled channel leaves by a server of the channel's own. */
export async function hasOwnSmtp(sql: Sql): Promise<boolean> {
  const [row] = await sql<{ found: boolean }[]>`
    select exists (select 1 from channels where kind = 'email' and enabled and settings ? 'smtp') as found`;
  return row?.found ?? false;
}

/** The enabled email channel of an address, or undefined. */
export async function findChannelByAddress(
  sql: Sql,
  address: string,
): Promise<ChannelRow | undefined> {
  const [row] = await sql<ChannelRow[]>`
    select id, kind, name, address, enabled, settings, health, version from channels
    where kind = 'email' and enabled and address = ${address}`;
  return row;
}

/** Adds a channel; undefined when its address is taken. */
export async function insertChannel(
  sql: Sql,
  channel: {
    kind: string;
    name: string;
    address: string | null;
    settings: ChannelSettings;
    enabled?: boolean;
  },
): Promise<ChannelRow | undefined> {
  const [row] = await sql<ChannelRow[]>`
    insert into channels (kind, name, address, settings, enabled)
    values (${channel.kind}, ${channel.name}, ${channel.address}, ${json(sql, channel.settings)}, ${channel.enabled ?? true})
    on conflict (address) do nothing
    returning id, kind, name, address, enabled, settings, health, version`;
  return row;
}

/** Changes a channel; undefined when there is none or `expected` is not its version. */
export async function updateChannel(
  sql: Sql,
  channel: {
    id: string;
    name: string;
    /** Left out: the address stays. */
    address?: string;
    enabled: boolean;
    settings: ChannelSettings;
    expected?: number | null;
  },
): Promise<ChannelRow | undefined> {
  const expected = channel.expected ?? null;
  const [row] = await sql<ChannelRow[]>`
    update channels set name = ${channel.name}, address = coalesce(${channel.address ?? null}, address), enabled = ${channel.enabled}, settings = ${json(sql, channel.settings)},
      version = version + 1, updated_at = now()
    where id = ${channel.id}
      and (${expected}::integer is null or version = ${expected}::integer)
    returning id, kind, name, address, enabled, settings, health, version`;
  return row;
}

/** What the mailbox's server said last. */
export async function updateChannelHealth(
  sql: Sql,
  id: string,
  health: Record<string, unknown>,
): Promise<void> {
  await sql`update channels set health = ${json(sql, health)} where id = ${id}`;
}

/** Where a mailbox stands. */
export async function findMailboxCursor(
  sql: Sql,
  channelId: string,
  folder: string,
): Promise<{ uidValidity: number; lastUid: number } | undefined> {
  const [row] = await sql<{ uidValidity: number; lastUid: number }[]>`
    select uid_validity as "uidValidity", last_uid as "lastUid" from mailbox_cursors
    where channel_id = ${channelId} and folder = ${folder}`;
  return row;
}

/** Marks every message up to lastUid as taken in; only after its commit. */
export async function upsertMailboxCursor(
  sql: Sql,
  cursor: { channelId: string; folder: string; uidValidity: number; lastUid: number },
): Promise<void> {
  await sql`
    insert into mailbox_cursors (channel_id, folder, uid_validity, last_uid)
    values (${cursor.channelId}, ${cursor.folder}, ${cursor.uidValidity}, ${cursor.lastUid})
    on conflict (channel_id, folder) do update
      set uid_validity = excluded.uid_validity, last_uid = excluded.last_uid, updated_at = now()`;
}
