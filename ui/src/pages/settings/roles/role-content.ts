// A role as it is edited, and the permissions grouped as people look for them.
import { ROLE_PERMISSIONS } from '#domain/permissions.ts';
import type { BuiltInRole, Permission, TicketAccess } from '#domain/permissions.ts';

/** A role of the desk's own. */
export interface OwnRole {
  id: string;
  version: number;
  name: string;
  permissions: Permission[];
  ticketAccess: TicketAccess;
  users: number;
}
/** What is saved of it. */
export type RoleContent = Pick<OwnRole, 'name' | 'permissions' | 'ticketAccess'>;

/** Every permission once, in groups. */
export const PERMISSION_GROUPS = [
  {
    word: 'tickets',
    names: [
      ...(['ticket.view', 'ticket.create', 'ticket.reply', 'ticket.note'] as const),
      ...(['ticket.edit', 'ticket.assign', 'ticket.follow', 'ticket.merge'] as const),
      ...(['ticket.spam', 'ticket.bulk', 'ticket.recommended', 'ticket.override'] as const),
    ],
  },
  { word: 'contacts', names: ['contact.view', 'contact.edit', 'contact.delete'] },
  {
    word: 'views',
    names: ['view.all', 'view.custom', 'view.share', 'sla.view', 'report.view'],
  },
  { word: 'mail', names: ['inbound.view', 'inbound.retry'] },
  { word: 'availability', names: ['availability.own', 'availability.others'] },
  { word: 'keys', names: ['key.own', 'key.all'] },
  {
    word: 'settings',
    names: [
      ...(['settings.view', 'settings.routing', 'settings.sla', 'settings.people'] as const),
      ...(['settings.channels', 'settings.desk', 'settings.roles'] as const),
      ...(['audit.view', 'operations.view'] as const),
    ],
  },
] as const satisfies readonly { word: string; names: readonly Permission[] }[];

/** What a role of every desk holds, as a role of one's own would. */
export const builtInContent = (role: BuiltInRole, name: string): RoleContent => ({
  ...{ name, ticketAccess: 'all' },
  permissions: [...ROLE_PERMISSIONS[role]],
});

/** A permission given or taken. What shows or changes tickets comes with seeing them. */
export function withPermission(
  held: readonly Permission[],
  name: Permission,
  on: boolean,
): Permission[] {
  const others = held.filter((one) => one !== name);
  if (!on) return others;
  const needsSight = name.startsWith('ticket.') && name !== 'ticket.create';
  return needsSight && name !== 'ticket.view' && !held.includes('ticket.view')
    ? ['ticket.view', ...others, name]
    : [...others, name];
}
