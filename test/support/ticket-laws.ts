// What holds of every ticket at every instant, and every kind of command there is: for exhaustive and random tests.
import { expect } from 'vitest';
import { slaView } from '#domain/sla.ts';
import { handle } from '#domain/ticket.ts';
import { nextWake } from '#domain/ticket-wake.ts';
import { nextWidening } from '#domain/widening.ts';
import { waitOf } from '#domain/ticket-wait.ts';
import type { Ticket, TicketCommand } from '#domain/ticket-types.ts';
import {
  AGENT,
  aPolicy,
  customer,
  HOUR,
  reply,
  report,
  someRules,
  status,
  T0,
} from './builders.ts';

/** An instant after everything the starting tickets of tests went through. */
export const LATER = T0 + 2 * HOUR;

const STATUSES = ['new', 'waitingOnContact', 'waitingOnUs', 'closed'] as const;
const twoStatuses = {
  id: 'other',
  statuses: [
    { id: 'todo', name: 'To do', category: 'new' as const },
    { id: 'done', name: 'Done', category: 'closed' as const },
  ],
};
const strict = someRules(aPolicy({ version: 2, goals: { firstReply: { seconds: 60 } } }));
const ladder = someRules(
  aPolicy({
    version: 3,
    escalations: [
      { goal: 'firstReply', when: 'overdue', actions: [{ type: 'raisePriority' }] },
      {
        goal: 'nextReply',
        when: { afterSeconds: 60 },
        actions: [{ type: 'addTag', tag: 'late' }],
      },
      {
        goal: 'close',
        when: { beforeSeconds: 600 },
        actions: [{ type: 'reassign', to: { teamId: 'second' } }],
      },
    ],
  }),
);
const again = someRules(
  aPolicy({
    version: 4,
    escalations: [
      {
        ...{ goal: 'firstReply', when: 'overdue', repeat: { everySeconds: 600, times: 3 } },
        actions: [{ type: 'raisePriority' }],
      },
      {
        ...{ goal: 'close', when: { afterSeconds: 60 }, hours: 'always' },
        ...{ repeat: { everySeconds: 3_600, times: 2 } },
        actions: [{ type: 'setStatus', status: 'waitingOnContact' }],
      },
      {
        ...{ goal: 'nextReply', when: { beforeSeconds: 600 }, hours: 'always' },
        actions: [{ type: 'setStatus', status: 'closed' }],
      },
    ],
  }),
);
const withoutWaiting = {
  ...someRules(),
  pipeline: {
    id: 'pipeline',
    statuses: [
      { id: 'new', name: 'New', category: 'new' as const },
      { id: 'waitingOnUs', name: 'Now closed', category: 'closed' as const },
      { id: 'closed', name: 'Closed', category: 'closed' as const },
    ],
  },
};

/** At least one command of every type, with what makes it take another path. */
export const EVERY_COMMAND: readonly TicketCommand[] = [
  ...[...STATUSES, 'nonsense'].map(status),
  {
    type: 'change',
    priority: 'urgent',
    tags: ['a'],
    assigneeId: 'bob',
    teamId: 'team',
    channelId: 'mailbox',
    edit: { editId: 'e', fields: ['subject'] },
  },
  { type: 'change', assigneeId: null, expectVersion: 999 },
  { type: 'change', tags: Array.from({ length: 101 }, (_, index) => `t${index}`) },
  { type: 'change', pipeline: twoStatuses },
  { type: 'change', pipeline: twoStatuses, status: 'done' },
  { type: 'change', pipeline: { id: 'pipeline', statuses: twoStatuses.statuses }, status: 'done' },
  reply('m'),
  { type: 'reply', messageId: 'm2', sendAtMs: LATER + HOUR, status: 'closed' },
  { type: 'reply', messageId: 'm3', status: 'closed' },
  { type: 'reply', messageId: 'm4', status: 'nonsense' },
  { type: 'forward', messageId: 'f' },
  { type: 'change', close: true, addTags: ['a', 'b'], removeTags: ['t0'] },
  { type: 'change', addTags: Array.from({ length: 101 }, (_, index) => `t${index}`) },
  { type: 'addNote', messageId: 'n' },
  { type: 'addNote', messageId: 'n2', mentions: ['bob'] },
  { type: 'retrySend', messageId: 'm', kind: 'reply', status: 'closed' },
  { type: 'retrySend', messageId: 'f', kind: 'forward' },
  { type: 'retrySend', messageId: 'sent', kind: 'reply' },
  { type: 'retrySend', messageId: 'm9', kind: 'reply', status: 'nonsense' },
  { type: 'undoSend', messageId: 'sent' },
  { type: 'undoSend', messageId: 'unknown' },
  { type: 'snooze', untilMs: LATER + HOUR, untilReply: false },
  { type: 'snooze', untilMs: LATER - 1, untilReply: false },
  { type: 'snooze', untilMs: null, untilReply: true },
  { type: 'snooze', untilMs: null, untilReply: false },
  { type: 'unsnooze' },
  { type: 'setSpam', spam: true },
  { type: 'setSpam', spam: false },
  { type: 'follow', userId: 'bob', follow: true },
  { type: 'follow', userId: 'bob', follow: false },
  { type: 'recordSplit', messageIds: ['x'], intoTicketId: 9 },
  customer('c', LATER),
  customer('auto', LATER, true),
  {
    ...{ type: 'receiveMessage', messageId: 'b', atMs: LATER, automatic: true },
    ...{ bouncedMessageId: 'sent', bouncePermanent: true },
  },
  report('sent', 'sent', LATER),
  report('sent', 'failed', LATER),
  report('sent', 'cancelled', LATER),
  report('unknown', 'failed', LATER),
  { type: 'acceptAssignment', userId: 'bob', teamId: 'team', reason: 'turn' },
  { type: 'returnToQueue', userId: 'bob', teamId: 'team', reason: 'away' },
  { type: 'returnToQueue', userId: 'agent', teamId: null, reason: 'away' },
  { type: 'adoptRules', rules: someRules(aPolicy({ version: 2 })) },
  { type: 'adoptRules', rules: strict },
  { type: 'adoptRules', rules: ladder },
  { type: 'adoptRules', rules: again },
  { type: 'adoptRules', rules: withoutWaiting },
  { type: 'adoptRules', rules: someRules(null) },
  { type: 'wake' },
  { type: 'reserveMerge', mergeId: 'g', role: 'loser', peerId: 2, untilMs: LATER + HOUR },
  { type: 'reserveMerge', mergeId: 'h', role: 'survivor', peerId: 3, untilMs: LATER + HOUR },
  { type: 'reserveMerge', mergeId: 'g', role: 'loser', peerId: 1, untilMs: LATER + HOUR },
  { type: 'releaseMerge', mergeId: 'g' },
  {
    ...{ type: 'absorb', mergeId: 'g', loserId: 2 },
    payload: { tags: ['t'], followers: ['bob'], unansweredSinceMs: T0 },
  },
  { type: 'seal', mergeId: 'g', survivorId: 2 },
  { type: 'unabsorb', mergeId: 'g' },
  { type: 'unseal', mergeId: 'g' },
];

const closing = {
  ...someRules(aPolicy({ version: 4 })),
  autoClose: { afterMs: 3 * HOUR, warnBeforeMs: HOUR, calendar: null },
  spamDeleteAfterMs: 48 * HOUR,
};
const bound = {
  ...someRules(aPolicy({ version: 5 })),
  pipeline: {
    ...someRules().pipeline,
    moves: { forbidSkips: true, forbidBackward: true, allowedTo: { new: ['closed'] } },
  },
  statusOn: {
    ...{ customerReply: { status: 'waitingOnUs' }, agentReply: { status: 'waitingOnContact' } },
    ...{ deliveryFailed: { category: 'open' as const }, bounce: { category: 'open' as const } },
  },
  autoClose: { afterMs: 2 * HOUR, warnBeforeMs: null, calendar: null },
};
const heir = {
  ...closing,
  pipeline: { ...twoStatuses, id: 'heir', takesOver: ['pipeline', 'other'] },
};

/** What moves a ticket by itself: when its timer is noticed late, it acts late. So these stand apart. */
export const WAIT_COMMANDS: readonly TicketCommand[] = [
  { type: 'adoptRules', rules: closing },
  { type: 'adoptRules', rules: bound },
  { type: 'adoptRules', rules: heir },
  { type: 'change', status: 'closed', override: true },
  status('waitingOnContact'),
];

/** Fails unless everything that must always hold holds of this ticket at this instant. */
export function mustHold(ticket: Ticket, atMs: number): void {
  const { state, rules } = ticket;
  const { ledger } = state;
  expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  expect(rules.pipeline.id).toBe(state.pipelineId);
  const listed = rules.pipeline.statuses.find(({ id }) => id === state.status);
  expect(listed?.category).toBe(state.category);
  expect(ledger.statuses.at(-1)).toMatchObject({ status: state.status, category: state.category });
  expect(state.closedAtMs !== null).toBe(state.category === 'closed');
  expect(ledger.closedAtMs).toBe(state.closedAtMs);
  const snoozed = state.snoozedUntilMs !== null || state.snoozedUntilReply;
  expect(snoozed && state.category === 'closed').toBe(false);
  // Nothing is widened for a ticket that somebody has, and no step is taken twice.
  if (state.assigneeId !== null) expect(nextWidening(state)).toBeNull();
  const { stepsTaken = 0, fallback = [] } = state.routing ?? {};
  expect(stepsTaken).toBeLessThanOrEqual(fallback.length);
  const wait = waitOf(state);
  if (wait !== null) {
    expect(state.category).toBe('waiting');
    expect(wait.snoozes.some(([, toMs]) => toMs === null)).toBe(snoozed);
  }
  const held = ledger.holds.some(([, toMs]) => toMs === null);
  expect(held).toBe(state.mergedInto !== null || state.spam);
  for (const list of [state.tags, state.followers, state.fired]) {
    expect(new Set(list).size).toBe(list.length);
  }
  expect(ledger.marks.length).toBeLessThanOrEqual(60);
  goalsMustAddUp(ticket, atMs);
  // After a wake nothing is due any more: the workflow's loop cannot spin.
  const woken = handle(ticket, { type: 'wake' }, AGENT, atMs).ticket;
  expect(nextWake(woken, atMs)?.atMs ?? Number.POSITIVE_INFINITY).toBeGreaterThan(atMs);
  expect(handle(woken, { type: 'wake' }, AGENT, atMs).recorded).toEqual([]);
}

function goalsMustAddUp({ state, rules }: Ticket, atMs: number): void {
  const view = slaView(rules.policy, state.ledger, atMs);
  for (const goal of Object.values(view.goals)) {
    expect(goal.breachedAtMs ?? goal.dueAtMs).toBe(goal.dueAtMs);
    expect(goal.state.startsWith('completed')).toBe(goal.completedAtMs !== null);
    expect(goal.completedAtMs ?? goal.startedAtMs).toBeGreaterThanOrEqual(goal.startedAtMs);
    expect(goal.dueAtMs ?? goal.startedAtMs).toBeGreaterThanOrEqual(goal.startedAtMs);
    // A closed ticket has no goal running.
    if (state.category === 'closed') expect(goal.completedAtMs).not.toBeNull();
  }
  if (rules.policy === null) expect(view).toMatchObject({ goals: {}, state: 'none' });
}
