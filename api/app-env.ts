// What every route of the API can rely on: its dependencies and what middleware has found out about the request.
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Logger } from 'pino';
import type { GrantRow } from '#db/access.ts';
import type { ImapSettings, SmtpSettings } from '#db/channels.ts';
import type { SqlPool } from '#db/sql.ts';
import type { TriedServers } from '#domain/mail-servers.ts';
import type { Access } from '#domain/permissions.ts';
import type { Accounts } from './accounts-contract.ts';
import type { TicketGateway } from './ticket-gateway-contract.ts';

/** Who calls. */
export interface Caller {
  userId: string;
  scopes: string[];
  by: 'session' | 'apiKey';
  /** Their rights when the request came, where they were found with the key. */
  grant?: GrantRow;
  /** Whether the key or session still lets them in: asked again by what stays open long. */
  stillIn(): Promise<boolean>;
}

/** Bytes by key. */
export interface FileStore {
  put(content: Uint8Array): Promise<{ key: string; sha256: string; sizeBytes: number }>;
  get(key: string): Promise<Buffer>;
}

/** What the API works with. */
export interface ApiDeps {
  sql: SqlPool;
  accounts: Accounts;
  /** Where people reach the desk. */
  publicUrl: string;
  /** Lets whoever can read it make the first admin. */
  setupToken: string;
  gateway: TicketGateway;
  files: FileStore;
  clock: () => number;
  log: Logger;
  /** Takes a quarantined mail in after all; given by the wiring. */
  retryInbound: (id: string) => Promise<{
    outcome: string;
    reason: string | null;
    ticketId: number | null;
    messageId: string | null;
  }>;
  /** Connects to a mailbox's servers and says how they answered; given by the wiring. */
  tryServers: (servers: {
    imap?: ImapSettings | undefined;
    smtp?: SmtpSettings | undefined;
  }) => Promise<TriedServers>;
  /** Where replies of channels without a mail server of their own go: to the default one, or to .eml files because none is set. */
  mailMode: 'smtp' | 'outbox';
  /** What receivers of webhooks check signatures with. */
  webhookSecret: string;
  rateLimitPerMinute: number;
  /** How many proxies of our own stand between people and the API: each adds one address to X-Forwarded-For. None unless given. */
  proxies?: number;
  /** HTML that may be shown to others: no scripts, no forms, no styles that leave their box. */
  sanitizeHtml: (html: string) => string;
  /** Two letters of ISO 639-1; null when the text is too short or the guess uncertain. */
  detectLanguage: (text: string) => Promise<string | null>;
  /** Where the built workspace lies; null or absent: there is none to serve. */
  uiFolder?: string | null;
  /** How long an event stream is silent at most; at each beat its key is looked up again. 15 s unless given. */
  heartbeatMs?: number;
}

/** Hono's environment of the API. */
export interface AppEnv {
  Variables: {
    requestId: string;
    address: string | null;
    caller: Caller;
    access: Access;
    answerKept?: boolean;
  };
}

/** The application routes are added to. */
export type App = OpenAPIHono<AppEnv>;
