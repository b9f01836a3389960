// Roles, seats, scopes and grants, by enumeration.
import { describe, expect, it } from 'vitest';
import {
  accessOf,
  allowedTo,
  beyond,
  BUILT_IN_ROLES,
  GRANTABLE,
  heldBy,
  lackOf,
  mayUseView,
  PERMISSION_NAMES,
  PERMISSIONS,
  ROLE_PERMISSIONS,
  SCOPES,
  TICKET_ACCESS,
  ticketAccessOf,
} from '#domain/permissions.ts';
import type { Access, Grant, Permission, TicketAccess } from '#domain/permissions.ts';

const who = { userId: 'u', teamIds: [], mateIds: [] };
const grant = (more: Partial<Grant> = {}): Grant => ({
  ...{ role: 'agent', custom: null, ticketAccess: null, seat: true },
  ...more,
});
const custom = (permissions: string[], ticketAccess: TicketAccess = 'all'): Grant =>
  grant({ role: 'custom', custom: { permissions, ticketAccess } });
const access = (more: Partial<Grant> = {}, scopes: readonly string[] = ['admin']): Access =>
  accessOf(grant(more), scopes, who);

describe('roles', () => {
  it('hold more from one to the next: readOnly, agent, lead, admin', () => {
    const sizes = ['readOnly', 'agent', 'lead', 'admin'] as const;
    for (const [index, role] of sizes.entries()) {
      const next = sizes[index + 1];
      if (next === undefined) continue;
      expect(ROLE_PERMISSIONS[next]).toEqual(expect.arrayContaining([...ROLE_PERMISSIONS[role]]));
      expect(ROLE_PERMISSIONS[next].length).toBeGreaterThan(ROLE_PERMISSIONS[role].length);
    }
    expect(new Set(ROLE_PERMISSIONS.admin)).toEqual(new Set(PERMISSION_NAMES));
  });

  it('that may only read hold nothing that changes a ticket, a contact or a setting', () => {
    const changing = ROLE_PERMISSIONS.readOnly.filter((name) => PERMISSIONS[name].scope !== 'read');
    expect(changing).toEqual(['view.custom', 'key.own']);
  });

  it('of a desk’s own hold what they name, nothing unknown, and never what admins alone hold', () => {
    const names = ['ticket.view', 'ticket.fly', 'settings.roles'];
    expect([...heldBy(custom(names))]).toEqual(['ticket.view']);
    expect(GRANTABLE).not.toContain('settings.roles');
  });
});

describe('a permission', () => {
  it.for(PERMISSION_NAMES)(
    '%s needs the role, its seat and its scope, and nothing else',
    (name) => {
      const terms: { scope: string; seat?: true } = PERMISSIONS[name];
      for (const seat of [true, false]) {
        for (const scope of SCOPES) {
          const large = SCOPES.indexOf(scope) >= SCOPES.indexOf(terms.scope as 'read');
          const wanted = !seat && terms.seat === true ? 'seat' : large ? null : 'scope';
          expect(lackOf(access({ role: 'admin', seat }, [scope]), name)).toBe(wanted);
          expect(lackOf(accessOf(custom([]), [scope], who), name)).toBe('role');
        }
      }
    },
  );

  it('of scope write includes read, and of admin both', () => {
    const admin = { role: 'admin' as const };
    const by = (scopes: string[]): Permission[] => allowedTo(access(admin, scopes));
    expect(by(['admin'])).toEqual(by(['read', 'write', 'admin']));
    expect(by(['write'])).toEqual(by(['read', 'write']));
    expect(by([])).toEqual(by(['read']));
    expect(by(['admin'])).toEqual(PERMISSION_NAMES);
  });
});

describe('which tickets somebody sees', () => {
  it('is what is set for them, else what their role says, and everything for an admin', () => {
    for (const set of [null, ...TICKET_ACCESS]) {
      expect(ticketAccessOf(grant({ role: 'admin', ticketAccess: set }))).toBe('all');
      expect(ticketAccessOf(grant({ ticketAccess: set }))).toBe(set ?? 'all');
      for (const ofRole of TICKET_ACCESS) {
        expect(ticketAccessOf({ ...custom([], ofRole), ticketAccess: set })).toBe(set ?? ofRole);
      }
    }
  });

  it('has three default views without a seat', () => {
    const views = ['unassigned', 'assignedToMe', 'allOpen', 'myMentions', 'following', 'spam'];
    const free = views.filter((view) => mayUseView(access({ seat: false }), view));
    expect(free).toEqual(['allOpen', 'myMentions', 'following']);
    expect(views.filter((view) => mayUseView(access(), view))).toEqual(views);
  });
});

describe('nobody gives more than they have', () => {
  it('among the built-in roles', () => {
    const given = BUILT_IN_ROLES.flatMap((giver) =>
      BUILT_IN_ROLES.filter(
        (role) => beyond(access({ role: giver }), grant({ role })) === null,
      ).map((role) => `${giver} gives ${role}`),
    );
    const order = ['readOnly', 'agent', 'lead', 'admin'];
    expect(given.toSorted()).toEqual(
      order
        .flatMap((giver, at) => order.slice(0, at + 1).map((role) => `${giver} gives ${role}`))
        .toSorted(),
    );
  });

  it('permission by permission, and sight by sight', () => {
    for (const name of GRANTABLE) {
      const giver = accessOf(custom(GRANTABLE.filter((one) => one !== name)), ['admin'], who);
      expect(beyond(giver, custom([name]))).toBe(name);
      expect(beyond(giver, custom(GRANTABLE.filter((one) => one !== name)))).toBe(null);
    }
    for (const [mine, has] of TICKET_ACCESS.entries()) {
      for (const [theirs, gets] of TICKET_ACCESS.entries()) {
        const giver = accessOf(custom([...GRANTABLE], has), ['admin'], who);
        expect(beyond(giver, custom([], gets))).toBe(theirs > mine ? 'ticketAccess' : null);
      }
    }
  });
});
