// The demo desk, made once: 2 teams, 6 agents of whom one leads her team, somebody without a seat, and an admin, 2 calendars, 3 SLA policies, 4 routing rules, 2 mail addresses, 3 shared views.
import { createHash } from 'node:crypto';
import { compileCalendar } from '#domain/calendar-compile.ts';
import type { CalendarDefinition } from '#domain/calendar-compile.ts';
import type { SlaPolicyDefinition } from '#domain/desk.ts';
import { insertCannedReply } from './canned-replies.ts';
import { hasAccounts, putPassword } from './accounts.ts';
import { MAX_VIEWS_OWNED } from '#domain/view.ts';
import type { ViewValues } from '#domain/view.ts';
import { insertChannel } from './channels.ts';
import { insertApiKey, insertUser, listUsers, saveTeam } from './people.ts';
import type { UserValues } from './people.ts';
import { saveCalendar, savePolicy } from './policies.ts';
import { saveRoutingRule } from './routing-rules.ts';
import type { SqlPool } from './sql.ts';
import { insertView } from './views.ts';

/** What the launcher prints. */
export interface DemoDesk {
  adminEmail: string;
  supportAddress: string;
}

const ADMIN_EMAIL = 'admin@holdfast.localhost';
const SUPPORT = 'support@holdfast.localhost';
const HOUR = 3_600;

const OFFICE: CalendarDefinition = {
  timeZone: 'Europe/Berlin',
  hours: Object.fromEntries(
    ['mon', 'tue', 'wed', 'thu', 'fri'].map((day) => [
      day,
      [
        ['09:00', '12:30'],
        ['13:30', '18:00'],
      ],
    ]),
  ),
  holidays: [
    '2026-12-25',
    '2026-12-26',
    '2027-01-01',
    '2027-03-26',
    '2027-03-29',
    '2027-05-01',
    '2027-10-03',
    '2027-12-25',
  ],
};

/** Seeds an empty desk and makes sure that the admin's key holds; does nothing to a desk that has people. */
export async function seedDemo(
  sql: SqlPool,
  adminApiKey: string,
  hashOfPassword?: () => Promise<string>,
): Promise<DemoDesk> {
  const users = await listUsers(sql);
  const admin = users.find(({ email }) => email === ADMIN_EMAIL);
  const adminId = admin?.id ?? (users.length === 0 ? await seedAll(sql) : null);
  if (adminId !== null) {
    await insertApiKey(sql, {
      userId: adminId,
      name: 'demo',
      tokenHash: createHash('sha256').update(adminApiKey).digest(),
      tokenStart: adminApiKey.slice(0, 8),
      scopes: ['read', 'write', 'admin'],
    });
  }
  if (adminId !== null && hashOfPassword !== undefined && !(await hasAccounts(sql))) {
    const passwordHash = await hashOfPassword();
    for (const { id } of await listUsers(sql)) await putPassword(sql, { userId: id, passwordHash });
  }
  return { adminEmail: ADMIN_EMAIL, supportAddress: SUPPORT };
}

async function seedAll(sql: SqlPool): Promise<string> {
  const adminId = await addUser(sql, 'Ada Admin', 'admin', { role: 'admin', availability: 'away' });
  const names = [
    'Alice Archer',
    'Ben Brook',
    'Chloe Chen',
    'Dario Diaz',
    'Emma Eriksen',
    'Farid Faro',
  ];
  const agents: string[] = [];
  for (const [index, name] of names.entries()) {
    // Alice leads Support, and sees what is Support's.
    const lead = index === 0 ? ({ role: 'lead', ticketAccess: 'team' } as const) : {};
    const local = name.split(' ')[0]?.toLowerCase() ?? name;
    agents.push(await addUser(sql, name, local, { capacity: 20, ...lead }));
  }
  const seatless = await addUser(sql, 'Greta Gold', 'greta', { seat: false });
  const member = (userId: string, index: number) => ({ userId, main: true, lead: index === 0 });
  const support = await saveTeam(sql, {
    ...{ id: null, name: 'Support', strategy: 'roundRobin' },
    members: [...agents.slice(0, 4).map(member), { userId: seatless, main: false, lead: false }],
  });
  const billing = await saveTeam(sql, {
    ...{ id: null, name: 'Billing', strategy: 'leastLoaded' },
    members: agents.slice(4).map(member),
  });
  await insertChannel(sql, {
    kind: 'email',
    name: 'Support',
    address: SUPPORT,
    settings: { fromName: 'Holdfast Support' },
  });
  await insertChannel(sql, {
    ...{ kind: 'email', name: 'Billing', address: 'billing@holdfast.localhost' },
    settings: { fromName: 'Holdfast Billing' },
  });
  await seedCannedReplies(sql, adminId);
  await seedPolicies(sql, adminId);
  await seedRules(sql, support?.id ?? '', billing?.id ?? '');
  await seedViews(sql, adminId);
  return adminId;
}

async function seedCannedReplies(sql: SqlPool, adminId: string): Promise<void> {
  const texts = [
    [
      'Thanks, looking into it',
      'look',
      'thank you for writing. We are looking into it and get back to you today.',
    ],
    ['Ask for more detail', 'more', 'to find out what is wrong, we need one more thing from you: '],
    ['Solved', 'solved', 'this should work again now. If it does not, just answer this mail.'],
  ] as const;
  for (const [name, shortcut, words] of texts) {
    const body = `Hello {{requester.firstName|there}},\n\n${words}\n\nKind regards\n{{agent.name}}`;
    const reply = { name, shortcut, body, bodyHtml: null, visibility: 'everyone' as const };
    await insertCannedReply(sql, adminId, { ...reply, teamIds: [] });
  }
}

async function addUser(
  sql: SqlPool,
  name: string,
  local: string,
  more: Partial<UserValues>,
): Promise<string> {
  const user = await insertUser(sql, {
    name,
    email: `${local}@holdfast.localhost`,
    ...{
      role: 'agent',
      seat: true,
      capacity: null,
      skills: [],
      availability: 'available',
      workingHours: null,
      active: true,
    },
    ...more,
  });
  if (user === undefined) throw new Error(`User ${name} could not be made.`);
  return user.id;
}

async function seedPolicies(sql: SqlPool, savedBy: string): Promise<void> {
  const office = await saveCalendar(sql, {
    ...{
      id: null,
      name: 'Berlin office',
      definition: OFFICE,
      compiled: compileCalendar(OFFICE),
      savedBy,
      expected: null,
    },
  });
  const always: CalendarDefinition = { timeZone: 'UTC', hours: 'always' };
  const around = await saveCalendar(sql, {
    ...{
      id: null,
      name: 'Around the clock',
      definition: always,
      compiled: compileCalendar(always),
      savedBy,
      expected: null,
    },
  });
  const common = { pauseStatuses: ['waitingOnContact'], appliesTo: 'newAndOpenTickets' as const };
  const warn = {
    goal: 'firstReply' as const,
    when: 'dueSoon' as const,
    actions: [{ type: 'notify' as const, to: 'assignee' as const }],
  };
  const late = {
    goal: 'firstReply' as const,
    when: 'overdue' as const,
    actions: [
      { type: 'notify' as const, to: 'teamLeads' as const },
      { type: 'raisePriority' as const },
    ],
  };
  const policies: SlaPolicyDefinition[] = [
    {
      ...common,
      name: 'Urgent',
      conditions: [{ field: 'priority', op: 'is', value: 'urgent' }],
      calendarId: around?.id ?? null,
      goals: {
        firstReply: { seconds: HOUR / 2, dueSoonSeconds: 600 },
        nextReply: { seconds: HOUR, dueSoonSeconds: 900 },
        close: { seconds: 8 * HOUR, dueSoonSeconds: HOUR },
      },
      escalations: [warn, late],
    },
    {
      ...common,
      name: 'Billing',
      conditions: [{ field: 'mailbox', op: 'is', value: 'billing@holdfast.localhost' }],
      calendarId: office?.id ?? null,
      goals: {
        firstReply: { seconds: 8 * HOUR, dueSoonSeconds: HOUR },
        close: { seconds: 40 * HOUR, dueSoonSeconds: 4 * HOUR },
      },
      escalations: [late],
    },
    {
      ...common,
      name: 'Standard',
      conditions: [],
      calendarId: office?.id ?? null,
      goals: {
        firstReply: { seconds: 4 * HOUR, dueSoonSeconds: HOUR },
        nextReply: { seconds: 8 * HOUR, dueSoonSeconds: HOUR },
        close: { seconds: 24 * HOUR, dueSoonSeconds: 4 * HOUR },
      },
      escalations: [warn, late],
    },
  ];
  for (const [position, definition] of policies.entries()) {
    await savePolicy(sql, { id: null, position, definition, savedBy, expected: null });
  }
}

async function seedRules(sql: SqlPool, supportId: string, billingId: string): Promise<void> {
  const rules = [
    {
      name: 'Mail to billing',
      field: 'mailbox',
      op: 'is',
      value: 'billing@holdfast.localhost',
      teamId: billingId,
    },
    { name: 'Invoices', field: 'subject', op: 'contains', value: 'invoice', teamId: billingId },
    { name: 'Refunds', field: 'subject', op: 'contains', value: 'refund', teamId: billingId },
  ] as const;
  const shared = { id: null, enabled: true, requiredSkills: [] };
  for (const [position, { name, field, op, value, teamId }] of rules.entries()) {
    await saveRoutingRule(sql, {
      ...shared,
      name,
      position,
      conditions: [{ field, op, value }],
      assign: { teamId },
    });
  }
  await saveRoutingRule(sql, {
    ...shared,
    name: 'Everything else',
    position: 9,
    conditions: [],
    assign: { teamId: supportId },
  });
}

/** Views for everybody, to begin with. */
async function seedViews(sql: SqlPool, ownerId: string): Promise<void> {
  const open = { field: 'category', op: 'isNot', value: 'closed' } as const;
  const shared = {
    ...{ layout: 'split', groupBy: null, visibility: 'everyone', teamIds: [] },
    columns: ['subject', 'requester', 'status', 'assignee', 'sla'],
  } satisfies Partial<ViewValues>;
  const views: Pick<ViewValues, 'name' | 'conditions' | 'sort'>[] = [
    {
      name: 'Needs attention',
      conditions: { all: [open, { field: 'slaState', op: 'in', value: ['overdue', 'dueSoon'] }] },
      sort: 'sla',
    },
    {
      name: 'Urgent of my teams',
      conditions: {
        all: [
          open,
          { field: 'team', op: 'is', value: 'mine' },
          { field: 'priority', op: 'in', value: ['high', 'urgent'] },
        ],
      },
      sort: '-priority',
    },
    {
      name: 'Waiting for more than a week',
      conditions: {
        all: [
          { field: 'category', op: 'is', value: 'waiting' },
          { field: 'updatedAt', op: 'olderThan', value: { amount: 7, unit: 'days' } },
        ],
      },
      sort: 'updatedAt',
    },
  ];
  for (const [position, view] of views.entries()) {
    await insertView(sql, ownerId, { ...shared, ...view, position }, MAX_VIEWS_OWNED);
  }
}
