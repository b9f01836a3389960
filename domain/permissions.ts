// Who may do what, purely: the closed list of permissions, what the built-in roles hold, how role, seat and an API key's scopes bound
// each other, and who may grant what to whom. Which tickets somebody sees is worked out in SQL (db/access.ts) from a Viewer.

/** What an API key may be used for at most; each includes those before it. */
export const SCOPES = ['read', 'write', 'admin'] as const;
/** One of them. */
export type Scope = (typeof SCOPES)[number];

interface Terms {
  /** For people who compose a role. */
  says: string;
  /** The least scope of a key it can be used by. */
  scope: Scope;
  /** Held by people with a seat only. */
  seat?: true;
  /** Never part of a role that a desk makes for itself. */
  adminOnly?: true;
}

/** Every permission there is. Stored in roles and read by clients: never rename, only add. */
export const PERMISSIONS = {
  'ticket.view': { says: 'See tickets and what belongs to them', scope: 'read' },
  'ticket.create': { says: 'Create tickets', scope: 'write' },
  'ticket.reply': { says: 'Reply and forward, undo and retry sending', scope: 'write' },
  'ticket.note': { says: 'Write internal notes', scope: 'write' },
  'ticket.edit': { says: 'Change status, priority, fields and tags; snooze', scope: 'write' },
  'ticket.assign': { says: 'Give tickets to people, teams and mailboxes', scope: 'write' },
  'ticket.follow': { says: 'Follow tickets', scope: 'write' },
  'ticket.merge': { says: 'Merge, split, and undo merges', scope: 'write' },
  'ticket.spam': { says: 'Mark tickets as spam, or not', scope: 'write' },
  'ticket.bulk': { says: 'Change many tickets at once', scope: 'write' },
  'ticket.recommended': {
    says: 'Be told which canned replies fit a ticket',
    scope: 'read',
    seat: true,
  },
  'ticket.override': { says: 'Move tickets where their pipeline forbids it', scope: 'admin' },
  'contact.view': { says: 'See contacts and companies', scope: 'read' },
  'contact.edit': { says: 'Add and change contacts and companies', scope: 'write' },
  'contact.delete': { says: 'Forget contacts and companies', scope: 'admin' },
  'view.all': { says: 'Use every default view, and saved ones', scope: 'read', seat: true },
  'view.custom': { says: 'Make views of one’s own', scope: 'write', seat: true },
  'view.share': { says: 'Make views for teams and everyone', scope: 'write', seat: true },
  'sla.view': { says: 'See deadlines and how they stand', scope: 'read', seat: true },
  'report.view': { says: 'See the summary and reports', scope: 'read' },
  'inbound.view': { says: 'See what arrived, with its source', scope: 'read' },
  'inbound.retry': { says: 'Take quarantined mail in after all', scope: 'write' },
  'availability.own': { says: 'Set oneself available, away, out of office', scope: 'write' },
  'availability.others': { says: 'The same for others', scope: 'admin' },
  'key.own': { says: 'Make and revoke one’s own API keys', scope: 'write' },
  'key.all': { says: 'Make and revoke everybody’s API keys', scope: 'admin' },
  'settings.view': { says: 'Read the desk’s settings and rules', scope: 'read' },
  'settings.routing': { says: 'Change routing rules', scope: 'admin' },
  'settings.sla': { says: 'Change SLA policies and calendars', scope: 'admin' },
  'settings.people': { says: 'Change people and teams', scope: 'admin' },
  'settings.channels': { says: 'Change mailboxes', scope: 'admin' },
  'settings.desk': { says: 'Change pipelines and the desk’s settings', scope: 'admin' },
  'settings.roles': { says: 'Change roles', scope: 'admin', adminOnly: true },
  'audit.view': { says: 'Read and export the audit log', scope: 'admin' },
  'operations.view': { says: 'See the health of the desk’s parts', scope: 'admin' },
} as const satisfies Record<string, Terms>;
/** The name of one. */
export type Permission = keyof typeof PERMISSIONS;

/** All names, in the order people read them. */
export const PERMISSION_NAMES = Object.keys(PERMISSIONS) as [Permission, ...Permission[]];

const termsOf = (permission: Permission): Terms => PERMISSIONS[permission];

/** What a role made by a desk can hold. */
export const GRANTABLE = PERMISSION_NAMES.filter((name) => termsOf(name).adminOnly !== true) as [
  Permission,
  ...Permission[],
];

/** Roles every desk has. */
export const BUILT_IN_ROLES = ['admin', 'lead', 'agent', 'readOnly'] as const;
/** One of them. */
export type BuiltInRole = (typeof BUILT_IN_ROLES)[number];
/** What a user's role can be; custom: one that the desk has made, by its id. */
export const ROLES = [...BUILT_IN_ROLES, 'custom'] as const;
/** One of them. */
export type Role = (typeof ROLES)[number];

const READ_ONLY: readonly Permission[] = [
  ...(['ticket.view', 'contact.view', 'view.all', 'view.custom', 'sla.view'] as const),
  ...(['report.view', 'inbound.view', 'settings.view', 'key.own'] as const),
];
const AGENT: readonly Permission[] = [
  ...READ_ONLY,
  ...(['ticket.create', 'ticket.reply', 'ticket.note', 'ticket.edit', 'ticket.assign'] as const),
  ...(['ticket.follow', 'ticket.merge', 'ticket.spam', 'ticket.bulk'] as const),
  ...(['ticket.recommended'] as const),
  ...(['contact.edit', 'inbound.retry', 'view.share', 'availability.own'] as const),
];
const LEAD: readonly Permission[] = [
  ...AGENT,
  ...(['ticket.override', 'contact.delete', 'availability.others'] as const),
];

/** What the built-in roles hold. */
export const ROLE_PERMISSIONS: Record<BuiltInRole, readonly Permission[]> = {
  admin: PERMISSION_NAMES,
  lead: LEAD,
  agent: AGENT,
  readOnly: READ_ONLY,
};

/** Which tickets somebody sees, from few to all. */
export const TICKET_ACCESS = ['own', 'team', 'all'] as const;
/** One of them. */
export type TicketAccess = (typeof TICKET_ACCESS)[number];

/** Who looks at tickets: all that SQL needs to know of them. */
export interface Viewer {
  userId: string;
  ticketAccess: TicketAccess;
  teamIds: string[];
  /** Everybody of those teams; needed, and filled, for access `team` only. */
  mateIds: string[];
}

/** Somebody who sees every ticket: for what nobody is shown, and for admins. */
export const seesAll = (userId: string): Viewer => ({
  ...{ userId, ticketAccess: 'all', teamIds: [], mateIds: [] },
});

/** What is stored about what a user may do. */
export interface Grant {
  role: Role;
  /** Of the role that the desk has made; null for built-in ones. */
  custom: { permissions: readonly string[]; ticketAccess: TicketAccess } | null;
  /** Set for this user; null follows the role. */
  ticketAccess: TicketAccess | null;
  seat: boolean;
}

/** What a caller may do: their role's permissions, bounded by seat and scope. */
export interface Access extends Viewer {
  role: Role;
  /** Of the role, before seat and scope bound them. */
  held: ReadonlySet<Permission>;
  seat: boolean;
  scope: Scope;
}

/** The permissions a role holds. A name this version does not know grants nothing. */
export function heldBy({ role, custom }: Pick<Grant, 'role' | 'custom'>): ReadonlySet<Permission> {
  if (role !== 'custom') return new Set(ROLE_PERMISSIONS[role]);
  const names: ReadonlySet<string> = new Set(custom?.permissions ?? []);
  return new Set(GRANTABLE.filter((name) => names.has(name)));
}

/** Which tickets a user sees: as set for them, else as their role has it; all for the built-in ones. */
export function ticketAccessOf({ role, custom, ticketAccess }: Omit<Grant, 'seat'>): TicketAccess {
  if (role === 'admin') return 'all';
  return ticketAccess ?? custom?.ticketAccess ?? 'all';
}

/** Permissions of a set that show or change tickets which it does not let see. */
export const blindPermissions = (names: readonly Permission[]): Permission[] =>
  names.includes('ticket.view')
    ? []
    : names.filter((name) => name.startsWith('ticket.') && name !== 'ticket.create');

/** What a user may do with a key of the given scopes. */
export function accessOf(
  grant: Grant,
  scopes: readonly string[],
  who: Omit<Viewer, 'ticketAccess'>,
): Access {
  const scope = SCOPES.findLast((one) => scopes.includes(one)) ?? 'read';
  const ticketAccess = ticketAccessOf(grant);
  return { ...who, role: grant.role, held: heldBy(grant), seat: grant.seat, scope, ticketAccess };
}

/** Whether a scope includes another. */
export const includesScope = (scope: Scope, wanted: Scope): boolean =>
  SCOPES.indexOf(scope) >= SCOPES.indexOf(wanted);

/** What somebody lacks to use a permission: the role, a seat, or a key of larger scope; null when they may. */
export function lackOf(access: Access, permission: Permission): 'role' | 'seat' | 'scope' | null {
  const { seat, scope } = termsOf(permission);
  if (!access.held.has(permission)) return 'role';
  if (seat === true && !access.seat) return 'seat';
  return includesScope(access.scope, scope) ? null : 'scope';
}

/** Whether somebody may. */
export const mayDo = (access: Access, permission: Permission): boolean =>
  lackOf(access, permission) === null;

/** Everything somebody may do. */
export const allowedTo = (access: Access): Permission[] =>
  PERMISSION_NAMES.filter((name) => mayDo(access, name));

/** What of a grant its giver does not have themselves: nobody gives more than they have. Null when nothing. */
export function beyond(
  giver: Pick<Access, 'held' | 'ticketAccess'>,
  grant: Omit<Grant, 'seat'>,
): string | null {
  const more = [...heldBy(grant)].find((name) => !giver.held.has(name));
  if (more !== undefined) return more;
  const given = TICKET_ACCESS.indexOf(ticketAccessOf(grant));
  return given > TICKET_ACCESS.indexOf(giver.ticketAccess) ? 'ticketAccess' : null;
}

/** Default views that need no seat. */
const VIEWS_WITHOUT_SEAT: ReadonlySet<string> = new Set(['myMentions', 'following', 'allOpen']);

/** Whether somebody may use a default view. */
export const mayUseView = (access: Access, view: string): boolean =>
  VIEWS_WITHOUT_SEAT.has(view) || mayDo(access, 'view.all');
