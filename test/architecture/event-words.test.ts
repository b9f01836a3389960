// Every event of a ticket, and every reason for which it wakes, is a sentence in each language of the workspace.
import type { TFunction } from 'i18next';
import { beforeAll, describe, expect, it } from 'vitest';
import type { TicketEvent as DomainEvent } from '#domain/ticket-types.ts';
import { LANGUAGES, speaks } from '#test/support/languages.ts';
import type { TicketEvent } from '#ui/api/types.ts';
import { sentence } from '#ui/tickets/event-sentences.ts';
import type { Dictionary } from '#ui/tickets/event-sentences.ts';
import { wakeWords } from '#ui/tickets/wake-words.ts';

const send = {
  ...{ messageId: 'm', kind: 'reply' as const, acceptedAtMs: 1, sendAtMs: 2 },
  ...{ scheduled: true, statusAfter: null },
};
const versions = {
  ...{ revision: 1, policyId: 'p', policyVersion: 1, calendarId: 'c', calendarVersion: 1 },
};
const save = {
  savedAt: '2026-11-25T10:00:00Z',
  savedBy: { id: 'u', name: 'Mia' },
  reason: 'Slow.',
};
const cause = { id: 'p', name: 'Gold', version: 2, ...save };
const nothing = { id: null, name: null, version: null, savedAt: null, savedBy: null, reason: null };

type DataOf<T> = Extract<TicketEvent, { type: T }>['data'];
/** What each kind of event may hold. One that domain/ticket-types.ts adds does not type-check until it stands here. */
const SAMPLES: { [T in DomainEvent['type']]: DataOf<T>[] } = {
  created: [{ status: 'new', routing: null }],
  statusChanged: [
    { from: 'new', to: 'open', category: 'open', cause: 'person' },
    { from: 'new', to: 'open', category: 'open', cause: 'person', override: true },
  ],
  priorityChanged: [{ from: 'low', to: 'urgent' }],
  assigneeChanged: [
    { from: null, to: 'u', cause: 'person', reason: null },
    { from: 'u', to: null, cause: 'person', reason: 'Away.' },
  ],
  assignmentDeclined: [{ userId: 'u' }],
  routingWidened: [
    { step: 0, to: 'team', atMs: 1, reason: 'No agent.' },
    { step: 1, to: { teamId: 't' }, atMs: 1, reason: 'No agent.' },
  ],
  teamChanged: [
    { from: null, to: 't' },
    { from: 't', to: null },
  ],
  channelChanged: [{ from: null, to: 'c' }],
  pipelineChanged: [{ from: 'p', pipeline: { id: 'q', statuses: [] } }],
  tagsChanged: [{ added: ['new'], removed: ['old'] }],
  detailsEdited: [{ editId: 'e', fields: ['subject', 'fields'] }],
  messageReceived: [
    { messageId: 'm', automatic: false, atMs: 1 },
    { messageId: 'm', automatic: true, atMs: 1 },
  ],
  bounceReceived: [
    { messageId: 'm', bouncedMessageId: 'n', permanent: true },
    { messageId: 'm', bouncedMessageId: 'n', permanent: false },
  ],
  messagePassedOn: [
    {
      ticketId: 7,
      message: { type: 'receiveMessage', messageId: 'm', atMs: 1, automatic: false },
    },
  ],
  replyAccepted: [{ send }, { send: { ...send, scheduled: false } }],
  forwardAccepted: [{ send }],
  noteAdded: [{ messageId: 'm' }, { messageId: 'm', mentions: ['u'] }],
  closeWarned: [{ send }],
  sendRetried: [{ send }],
  sendUndone: [{ messageId: 'm' }],
  deliverySucceeded: [{ messageId: 'm', atMs: 1 }],
  deliveryFailed: [{ messageId: 'm', code: null }],
  snoozed: [
    { untilMs: 1, untilReply: false },
    { untilMs: null, untilReply: true },
  ],
  unsnoozed: [{ cause: 'timer' }],
  spamChanged: [{ spam: true }, { spam: false }],
  followersChanged: [
    { userId: 'u', follows: true },
    { userId: 'u', follows: false },
  ],
  messagesSplit: [{ messageIds: ['m'], intoTicketId: 7 }],
  rulesAdopted: [
    { policyId: null, policyVersion: null, policyName: null, why: [] },
    {
      ...{ ...versions, policyVersion: 2, policyName: 'Gold', why: [], before: versions },
      moved: [
        { goal: 'firstReply', beforeMs: 1, afterMs: 2 },
        { goal: 'nextReply', beforeMs: null, afterMs: 2 },
        { goal: 'close', beforeMs: 1, afterMs: null },
      ],
      causes: [
        { kind: 'policySaved', ...cause },
        { kind: 'calendarSaved', ...cause },
        { kind: 'policyRemoved', ...cause, reason: null },
        { kind: 'ticketChanged', ...nothing },
        { kind: 'deskChanged', ...nothing },
      ],
    },
    {
      ...{ ...versions, policyName: 'Gold', why: [], before: versions },
      moved: [{ goal: 'close', beforeMs: 1, afterMs: 2 }],
    },
    { ...versions, policyName: 'Gold', why: [], before: versions, moved: [] },
  ],
  goalDueSoon: [{ goal: 'firstReply', key: 'k', atMs: 1 }],
  goalBreached: [{ goal: 'close', key: 'k', breachedAtMs: 1 }],
  escalated: [
    {
      ...{ goal: 'close', key: 'k', atMs: 1 },
      actions: [
        { type: 'notify', to: 'assignee' },
        { type: 'raisePriority' },
        { type: 'reassign', to: { teamId: 't' } },
        { type: 'addTag', tag: 'x' },
        { type: 'setStatus', status: 'open' },
        { type: 'postNote', ref: { policyId: 'p', version: 1, step: 0, action: 0 } },
      ],
    },
  ],
  mergeReserved: [{ lease: { mergeId: 'm', role: 'loser', peerId: 7, untilMs: 1 } }],
  mergeReleased: [{ mergeId: 'm', cause: 'expired' }],
  absorbed: [
    {
      absorbed: {
        ...{ mergeId: 'm', ticketId: 7, atMs: 1, tagsAdded: [], followersAdded: [] },
        markAtMs: null,
      },
    },
  ],
  unabsorbed: [{ mergeId: 'm', ticketId: 7 }],
  mergedAway: [{ mergeId: 'm', intoTicketId: 7 }],
  unmerged: [{ mergeId: 'm', fromTicketId: 7 }],
  spamExpired: [{}],
  ended: [{}],
};

/** Every reason that domain/ticket-wake.ts and domain/widening.ts give. */
const WAKES = [
  ...['snooze ends', 'merge 0197-aa must be done', 'warns before closing', 'closes itself'],
  ...['spam is deleted', 'reopen window ends', 'waits for an agent; goes to another team'],
  ...['waits for a skilled agent; widens to the team', 'first reply due soon'],
  ...['next reply overdue', 'close escalates', 'close escalates again (2 of 5)'],
];

describe.each(LANGUAGES)('in %s', (language) => {
  let t: TFunction;
  beforeAll(async () => {
    t = await speaks(language);
  });
  const dictionary = (): Dictionary => ({
    t,
    person: (id) => (id === null ? null : 'Ada'),
    team: (id) => (id === null ? null : 'Night'),
    status: () => 'Open',
    pipeline: () => 'Repairs',
    time: () => '10:00',
    reason: (stored) => stored,
  });
  /** A key, a placeholder or an internal name in place of words. */
  const RAW = /[a-z]\.[a-z]|\{\{|undefined|\[object|[a-z][A-Z]/;

  it.each(Object.entries(SAMPLES))('%s is said in words of its own', (type, samples) => {
    for (const data of samples) {
      const event = {
        ...{ ticketId: 1, seq: 1, at: '2026-11-25T10:00:00Z', type, data },
        actor: { type: 'system', cause: 'timer' },
      } as TicketEvent;
      const { who, what, moves, causes } = sentence(event, dictionary());
      const said = [who, what, ...moves, ...causes.flatMap((one) => [one.what, one.more ?? '-'])];
      for (const words of said) {
        expect(words.trim()).not.toBe('');
        expect(words).not.toMatch(RAW);
      }
    }
  });

  it('each reason to wake is said in words of its own', () => {
    for (const reason of WAKES) {
      const words = wakeWords(reason, t);
      if (language !== 'en') expect(words).not.toBe(reason);
      expect(words).not.toMatch(RAW);
    }
  });
});

it('a save that moved a deadline is named with its version, who saved it, why, and the times before and after', async () => {
  const t = await speaks('en');
  const event = {
    ...{ ticketId: 1, seq: 1, at: '2026-11-25T10:00:00Z', type: 'rulesAdopted' as const },
    ...{ actor: { type: 'system' as const, cause: 'rules' }, data: SAMPLES.rulesAdopted[1] },
  } as TicketEvent;
  const words = sentence(event, {
    t,
    ...{
      person: () => 'Ada',
      team: () => 'Night',
      status: () => 'Open',
      pipeline: () => 'Repairs',
    },
    time: (ms) => `${ms} o’clock`,
    reason: (stored) => stored,
  });
  expect(words.what).toBe('put it under SLA policy Gold v2');
  expect(words.moves[0]).toBe('First reply: 1 o’clock → 2 o’clock');
  expect(words.causes[0]).toEqual({
    ...{ to: { page: 'policy', id: 'p', search: { version: 2 } }, what: 'Policy Gold, version 2' },
    more: 'saved by Mia: “Slow.”',
  });
});
