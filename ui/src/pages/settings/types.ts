// What the settings pages read and save, as the API answers it. Types and the API's addresses only.
import type { CalendarDefinition } from '#domain/calendar-compile.ts';
import type { AutoCloseSetting, ChannelKind, StatusCategory } from '#domain/desk.ts';
import type { Role, TicketAccess } from '#domain/permissions.ts';
import type { RoutingRule, RoutingStrategy } from '#domain/routing.ts';

export const RULES = '/api/v1/routing-rules';
export const TEAMS = '/api/v1/teams';
export const USERS = '/api/v1/users';
export const CHANNELS = '/api/v1/channels';
export const PIPELINES = '/api/v1/pipelines';
export const ROLES_PATH = '/api/v1/roles';
export const KEYS = '/api/v1/api-keys';

export type Rule = RoutingRule;

export interface AdminTeam {
  id: string;
  version: number;
  name: string;
  strategy: RoutingStrategy;
  members: { userId: string; main: boolean; lead: boolean }[];
}

type Availability = 'available' | 'away';

export interface AdminUser {
  id: string;
  version: number;
  name: string;
  email: string;
  role: Role;
  /** Of role custom: which one. */
  roleId: string | null;
  /** Null follows the role. */
  ticketAccess: TicketAccess | null;
  seat: boolean;
  capacity: number | null;
  channelCapacity: Partial<Record<ChannelKind, number>>;
  skills: string[];
  skillLevels: Record<string, number>;
  availability: Availability;
  effectiveAvailability: Availability;
  reason: string;
  until: string | null;
  workingHours: CalendarDefinition | null;
  active: boolean;
}

interface Server {
  host: string;
  port: number;
  secure?: boolean | undefined;
  user?: string | undefined;
  password?: string | undefined;
}
export interface Channel {
  id: string;
  version: number;
  kind: ChannelKind;
  name: string;
  address: string | null;
  enabled: boolean;
  settings: {
    fromName?: string | undefined;
    smtp?: Server | undefined;
    imap?: (Server & { folder?: string | undefined }) | undefined;
  };
  health: { ok?: boolean; at?: string; text?: string };
}
export type MailServer = Server & { folder?: string | undefined };

export type StatusTarget = { category: StatusCategory } | { status: string } | null;
export const MAIL_EVENTS = [
  'customerReply',
  'agentReply',
  'firstInbound',
  'deliveryFailed',
  'bounce',
] as const;
export type MailEvent = (typeof MAIL_EVENTS)[number];
export const CATEGORIES = ['new', 'open', 'waiting', 'closed'] as const;

export interface AdminStatus {
  id: string;
  name: string;
  category: StatusCategory;
  position: number;
  atCreation: boolean;
}
export interface AdminPipeline {
  id: string;
  version: number;
  name: string;
  position: number;
  statuses: AdminStatus[];
  moves: {
    forbidSkips?: boolean;
    forbidBackward?: boolean;
    allowedTo?: Record<string, string[]>;
  } | null;
  statusOn: Partial<Record<MailEvent, StatusTarget>>;
  autoClose?: AutoCloseSetting | null;
}
