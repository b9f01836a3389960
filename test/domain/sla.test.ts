// What users of other help desks complain about (../shared/reference/lessons.md, "SLA timers"), as guarantees.
import { describe, expect, it } from 'vitest';
import { compileCalendar } from '#domain/calendar-compile.ts';
import type { TicketFacts } from '#domain/desk.ts';
import { choosePolicy } from '#domain/policy-choice.ts';
import { slaView } from '#domain/sla.ts';
import type { SlaView } from '#domain/sla.ts';
import { handle } from '#domain/ticket.ts';
import type { ReceiveMessage, Ticket, TicketCommand } from '#domain/ticket-types.ts';
import { nextWake } from '#domain/ticket-wake.ts';
import {
  AGENT,
  after,
  aPolicy,
  aTicket,
  aTicketAt,
  customer,
  HOUR,
  mergeAway,
  MINUTE,
  reply,
  report,
  someRules,
  status,
  T0,
} from '#test/support/builders.ts';

const view = (ticket: Ticket, atMs: number): SlaView =>
  slaView(ticket.rules.policy, ticket.state.ledger, atMs);
const LATER = T0 + 2 * HOUR;
const customerMail = (messageId: string): ReceiveMessage => ({
  ...{ type: 'receiveMessage', messageId, atMs: LATER, automatic: true },
});
const eventsOf = (ticket: Ticket, atMs: number): string[] =>
  handle(ticket, { type: 'wake' }, AGENT, atMs).recorded.map(({ event }) => event.type);

describe('replies', () => {
  it('a public reply of a person completes the first-reply goal at its own time', () => {
    const { goals } = view(after(aTicket(), [T0 + 30 * MINUTE, reply('r')]), T0 + HOUR);
    expect(goals.firstReply).toMatchObject({
      state: 'completedOnTime',
      completedAtMs: T0 + 30 * MINUTE,
      dueAtMs: T0 + HOUR,
    });
  });

  it('a note and an automatic mail stop no clock', () => {
    const ticket = after(
      aTicket(),
      [T0 + MINUTE, { type: 'addNote', messageId: 'n' }],
      [T0 + 2 * MINUTE, customer('auto', T0, true)],
    );
    expect(view(ticket, T0 + 3 * MINUTE).goals.firstReply?.state).toBe('active');
  });

  it('the next reply runs from the oldest unanswered message: further ones do not move it, a reply clears it', () => {
    const asked = after(
      aTicket(),
      [T0 + MINUTE, reply('r')],
      [T0 + HOUR, customer('a', T0 + HOUR)],
      [T0 + 2 * HOUR, customer('b', T0 + 2 * HOUR)],
    );
    expect(view(asked, T0 + 2 * HOUR).goals.nextReply).toMatchObject({
      startedAtMs: T0 + HOUR,
      dueAtMs: T0 + 3 * HOUR,
    });
    const answered = after(asked, [T0 + 2.5 * HOUR, reply('s')]);
    expect(view(answered, T0 + 9 * HOUR).goals.nextReply?.state).toBe('completedOnTime');
    expect(nextWake(answered, T0 + 3 * HOUR)).toBeNull();
  });

  it("before the first reply the customer's messages start no next-reply goal: the goals are independent", () => {
    expect(
      view(after(aTicket(), [T0 + MINUTE, customer('a', T0 + MINUTE)]), T0 + HOUR).goals.nextReply,
    ).toBeUndefined();
  });

  it.for<[string, [number, TicketCommand][]]>([
    ['finally failed', [[T0 + 2 * MINUTE, report('r', 'failed', T0 + 2 * MINUTE)]]],
    ['was undone', [[T0 + 2 * MINUTE, { type: 'undoSend', messageId: 'r' }]]],
    [
      'bounced, once the ticket waits on us again',
      [
        [T0 + 2 * MINUTE, report('r', 'sent', T0 + 2 * MINUTE)],
        [
          T0 + 2 * MINUTE,
          {
            ...{ type: 'receiveMessage', messageId: 'b', atMs: T0 + 2 * MINUTE, automatic: true },
            ...{ bouncedMessageId: 'r', bouncePermanent: true },
          },
        ],
        [T0 + 2 * MINUTE, status('new')],
      ],
    ],
  ])('a reply that %s gives its clock back: only the pause it caused is not counted', ([, end]) => {
    const ticket = after(aTicket(), [T0 + MINUTE, reply('r')], ...end);
    expect(view(ticket, T0 + 5 * MINUTE)).toMatchObject({
      paused: false,
      goals: {
        firstReply: { state: 'active', completedAtMs: null, dueAtMs: T0 + HOUR + MINUTE },
      },
    });
    expect(nextWake(ticket, T0 + 5 * MINUTE)?.reason).toBe('first reply due soon');
  });

  it('a reply and close that is undone brings every goal back as it was', () => {
    const closed = after(aTicket(), [
      T0 + MINUTE,
      { type: 'reply', messageId: 'r', status: 'closed' },
    ]);
    const undone = after(closed, [T0 + 2 * MINUTE, { type: 'undoSend', messageId: 'r' }]);
    expect(view(undone, T0 + 5 * MINUTE)).toEqual(view(aTicket(), T0 + 5 * MINUTE));
  });

  it('a temporary bounce takes nothing back', () => {
    const ticket = after(
      aTicket(),
      [T0 + MINUTE, reply('r')],
      [
        T0 + 2 * MINUTE,
        {
          ...{ type: 'receiveMessage', messageId: 'b', atMs: T0 + 2 * MINUTE, automatic: true },
          ...{ bouncedMessageId: 'r', bouncePermanent: false },
        },
      ],
    );
    expect(view(ticket, T0 + HOUR).goals.firstReply?.state).toBe('completedOnTime');
  });

  it('with one of two replies gone the other still answers', () => {
    const ticket = after(
      aTicket(),
      [T0 + MINUTE, reply('r')],
      [T0 + 2 * MINUTE, reply('s')],
      [T0 + 3 * MINUTE, { type: 'undoSend', messageId: 'r' }],
    );
    expect(view(ticket, T0 + HOUR).goals.firstReply?.completedAtMs).toBe(T0 + 2 * MINUTE);
  });

  it('a reply answers nothing the customer wrote after it left, however late that is reported', () => {
    const ticket = after(
      aTicket(),
      [T0, reply('first')],
      [T0, { type: 'reply', messageId: 'r', sendAtMs: T0 + HOUR }],
      [T0 + MINUTE, customer('a', T0 + MINUTE)],
      [T0 + HOUR + 2 * MINUTE, customer('b', T0 + HOUR + MINUTE)],
      [T0 + HOUR + 3 * MINUTE, report('r', 'sent', T0 + HOUR)],
    );
    expect(view(ticket, T0 + 2 * HOUR).goals.nextReply).toMatchObject({
      startedAtMs: T0 + HOUR + MINUTE,
      completedAtMs: null,
    });
  });

  it('of messages that are told out of order the oldest unanswered one counts', () => {
    const ticket = after(
      aTicket(),
      [T0, reply('r')],
      [T0 + HOUR, customer('b', T0 + HOUR)],
      [T0 + HOUR, customer('a', T0 + 30 * MINUTE)],
    );
    expect(view(ticket, T0 + HOUR).goals.nextReply?.startedAtMs).toBe(T0 + 30 * MINUTE);
  });

  it('goals are independent and the most urgent one is shown, whichever it is', () => {
    const both = aTicket(
      someRules(aPolicy({ goals: { firstReply: { seconds: 7_200 }, close: { seconds: 3_600 } } })),
    );
    expect(view(both, T0)).toMatchObject({ mostUrgent: 'close', nextDueAtMs: T0 + HOUR });
    expect(view(aTicket(), T0)).toMatchObject({ mostUrgent: 'firstReply' });
    expect(view(after(aTicket(), [T0, reply('r')], [T0, status('new')]), T0).mostUrgent).toBe(
      'close',
    );
  });

  it('hundreds of messages in a row cost no memory and forget neither the wait nor the first reply', () => {
    const flood = Array.from({ length: 300 }, (_, index): [number, TicketCommand] => [
      T0 + HOUR + index,
      customer(`c${index}`, T0 + HOUR + index),
    ]);
    const ticket = after(aTicket(), [T0 + MINUTE, reply('r')], ...flood);
    expect(ticket.state.ledger.marks.length).toBeLessThan(61);
    expect(view(ticket, T0 + HOUR + 300).goals).toMatchObject({
      firstReply: { completedAtMs: T0 + MINUTE },
      nextReply: { startedAtMs: T0 + HOUR, completedAtMs: null },
    });
    const bounce = { bouncedMessageId: 'r', bouncePermanent: true };
    const bounced = after(ticket, [LATER, { ...customerMail('b'), ...bounce }]);
    expect(view(bounced, LATER).goals.firstReply?.completedAtMs).toBeNull();
  });

  it('a scheduled reply stops the clock and moves the status when it leaves, not when it is written', () => {
    const written = after(aTicket(), [
      T0 + MINUTE,
      { type: 'reply', messageId: 'r', sendAtMs: T0 + 30 * MINUTE },
    ]);
    expect(view(written, T0 + 2 * MINUTE).goals.firstReply?.completedAtMs).toBeNull();
    expect(written.state.status).toBe('new');
    const left = after(written, [
      T0 + 31 * MINUTE,
      {
        type: 'reportDelivery',
        messageId: 'r',
        outcome: 'sent',
        atMs: T0 + 30 * MINUTE,
        code: null,
      },
    ]);
    expect(view(left, T0 + HOUR).goals.firstReply?.completedAtMs).toBe(T0 + 30 * MINUTE);
    expect(left.state.status).toBe('waitingOnContact');
  });
});

describe('closing and reopening', () => {
  it('closing without a reply leaves no goal running, and figures are final at close', () => {
    const closed = after(aTicket(), [T0 + MINUTE, status('closed')]);
    expect(view(closed, T0 + 99 * HOUR)).toMatchObject({
      mostUrgent: null,
      state: 'completed',
      paused: false,
    });
    expect(Object.values(view(closed, T0 + 99 * HOUR).goals).map(({ state }) => state)).toEqual([
      'completedOnTime',
      'completedOnTime',
    ]);
  });

  it('no clock runs on a closed ticket, not even for what was sent to it as spam; it runs again once it opens', () => {
    const closed = after(
      aTicket(),
      [T0 + MINUTE, status('closed')],
      [T0 + 2 * MINUTE, { type: 'setSpam', spam: true }],
      [T0 + HOUR, customer('c', T0 + HOUR)],
      [LATER, { type: 'setSpam', spam: false }],
    );
    expect(closed.state.category).toBe('closed');
    expect(view(closed, T0 + 99 * HOUR).mostUrgent).toBeNull();
    expect(nextWake(closed, LATER)?.reason).toBe('reopen window ends');
    const open = after(closed, [LATER, status('waitingOnUs')]);
    expect(view(open, LATER).goals.nextReply).toMatchObject({
      startedAtMs: T0 + HOUR,
      dueAtMs: LATER + 2 * HOUR,
    });
  });

  it('resolved before anybody looked is met, although the look is late', () => {
    const { recorded } = handle(
      after(aTicket(), [T0 + 5 * MINUTE, status('closed')]),
      { type: 'wake' },
      AGENT,
      T0 + 99 * HOUR,
    );
    expect(recorded).toEqual([]);
  });

  it('a changed policy judges the finished goal by what happened, not by when it is judged', () => {
    const closed = after(aTicket(), [T0 + 30 * MINUTE, status('closed')]);
    const strict = someRules(aPolicy({ goals: { close: { seconds: 600 } } }));
    const judged = after(closed, [T0 + 9 * HOUR, { type: 'adoptRules', rules: strict }]);
    expect(view(judged, T0 + 99 * HOUR).goals.close).toMatchObject({
      state: 'completedLate',
      breachedAtMs: T0 + 10 * MINUTE,
      completedAtMs: T0 + 30 * MINUTE,
    });
    expect(eventsOf(judged, T0 + 99 * HOUR)).toEqual([]);
  });

  it('a next-reply goal ends with the close', () => {
    const closed = after(
      aTicket(),
      [T0 + MINUTE, reply('r')],
      [T0 + HOUR, customer('a', T0 + HOUR)],
      [T0 + 2 * HOUR, status('closed')],
    );
    expect(view(closed, T0 + 99 * HOUR).goals.nextReply?.completedAtMs).toBe(T0 + 2 * HOUR);
  });

  it('reopening starts the close goal anew and keeps the first-reply figures', () => {
    const reopened = after(
      aTicket(),
      [T0 + MINUTE, reply('r')],
      [T0 + HOUR, status('closed')],
      [T0 + 50 * HOUR, customer('a', T0 + 50 * HOUR)],
    );
    expect(reopened.state).toMatchObject({ status: 'waitingOnUs', closedAtMs: null });
    const { goals } = view(reopened, T0 + 50 * HOUR);
    expect(goals.close).toMatchObject({ state: 'active', dueAtMs: T0 + 58 * HOUR });
    expect(goals.firstReply?.completedAtMs).toBe(T0 + MINUTE);
    expect(goals.nextReply).toMatchObject({ startedAtMs: T0 + 50 * HOUR });
  });

  it('automatic mail and bounces neither reopen a closed ticket nor open a waiting one', () => {
    const closed = after(
      aTicket(),
      [T0 + HOUR, status('closed')],
      [T0 + 2 * HOUR, customer('auto', T0 + 2 * HOUR, true)],
    );
    expect(closed.state.category).toBe('closed');
  });
});

describe('pauses', () => {
  it('a pause is worth the working time inside it, and no timer is armed while every clock stands still', () => {
    const office = compileCalendar({
      timeZone: 'UTC',
      hours: { mon: [['09:00', '17:00']], tue: [['09:00', '17:00']] },
    });
    const rules = someRules(
      aPolicy({ calendar: office, goals: { close: { seconds: 10 * 3_600 } } }),
    );
    const paused = after(aTicket(rules), [T0 + 5 * HOUR, status('waitingOnContact')]);
    expect(view(paused, T0 + 6 * HOUR)).toMatchObject({
      paused: true,
      state: 'paused',
      nextDueAtMs: null,
    });
    expect(nextWake(paused, T0 + 6 * HOUR)).toBeNull();
    // Monday 10:00 + 5 h, paused until Tuesday 10:00 (2 h of Monday and 1 h of Tuesday are lost), then 5 h more.
    const resumed = after(paused, [T0 + 24 * HOUR, status('waitingOnUs')]);
    expect(view(resumed, T0 + 24 * HOUR).goals.close?.dueAtMs).toBe(T0 + 29 * HOUR);
  });
});

describe('more pauses', () => {
  const office = compileCalendar({
    timeZone: 'Europe/Berlin',
    hours: {
      ...{ mon: [['09:00', '17:00']], tue: [['09:00', '17:00']], wed: [['09:00', '17:00']] },
      ...{ thu: [['09:00', '17:00']], fri: [['09:00', '17:00']] },
    },
  });
  const rules = someRules(aPolicy({ calendar: office, goals: { close: { seconds: 3_600 } } }));

  it('an hour promised on Friday at 16:30 is due on Monday at 09:30', () => {
    const friday = Date.parse('2025-03-07T15:30:00Z');
    const ticket = aTicketAt(friday, rules);
    expect(view(ticket, friday).goals.close?.dueAtMs).toBe(Date.parse('2025-03-10T08:30:00Z'));
    expect(nextWake(ticket, friday)?.atMs).toBe(Date.parse('2025-03-10T08:30:00Z'));
  });

  it('a pause outside working hours is worth nothing', () => {
    const paused = after(
      aTicket(rules),
      [T0 + 30 * MINUTE, status('waitingOnUs')],
      [Date.parse('2025-03-03T18:00:00Z'), status('waitingOnContact')],
      [Date.parse('2025-03-04T05:00:00Z'), status('waitingOnUs')],
    );
    expect(view(paused, T0).goals.close?.dueAtMs).toBe(T0 + HOUR);
  });

  it('a deadline missed before the pause stays missed', () => {
    const late = after(aTicket(rules), [T0 + 2 * HOUR, status('waitingOnContact')]);
    expect(view(late, T0 + 9 * HOUR)).toMatchObject({
      state: 'overdue',
      paused: true,
      goals: { close: { state: 'overdue', breachedAtMs: T0 + HOUR } },
    });
  });

  it('going from paused straight to closed leaves the pause out, and final figures', () => {
    const closed = after(
      aTicket(rules),
      [T0 + 50 * MINUTE, status('waitingOnContact')],
      [T0 + 3 * HOUR, status('closed')],
    );
    expect(view(closed, T0 + 99 * HOUR).goals.close).toMatchObject({
      state: 'completedOnTime',
      completedAtMs: T0 + 3 * HOUR,
    });
    expect(view(closed, T0 + 99 * HOUR)).toEqual(view(closed, T0 + 999 * HOUR));
  });

  it('a status that pauses under a new policy paused all along: history is recomputed, nothing is patched', () => {
    const waited = after(
      aTicket(),
      [T0, status('waitingOnUs')],
      [T0 + 30 * MINUTE, status('waitingOnContact')],
      [T0 + 90 * MINUTE, status('waitingOnUs')],
    );
    const pausing = (pauseStatuses: string[]): Ticket =>
      after(waited, [LATER, { type: 'adoptRules', rules: someRules(aPolicy({ pauseStatuses })) }]);
    expect(view(pausing([]), LATER).goals.close?.dueAtMs).toBe(T0 + 8 * HOUR);
    expect(view(pausing(['waitingOnContact']), LATER).goals.close?.dueAtMs).toBe(T0 + 9 * HOUR);
    expect(view(pausing(['waitingOnUs', 'new']), LATER).goals.close?.dueAtMs).toBeNull();
  });
});

describe('deadlines are facts', () => {
  it('a breach is recorded at its deadline, however late it is noticed, and once', () => {
    const woken = handle(aTicket(), { type: 'wake' }, AGENT, T0 + 5 * HOUR);
    expect(woken.recorded.map(({ event }) => event)).toMatchObject([
      { type: 'goalDueSoon', goal: 'firstReply', atMs: T0 + 50 * MINUTE },
      { type: 'goalBreached', goal: 'firstReply', breachedAtMs: T0 + HOUR },
    ]);
    expect(view(woken.ticket, T0 + 5 * HOUR).goals.firstReply?.breachedAtMs).toBe(T0 + HOUR);
    expect(eventsOf(woken.ticket, T0 + 6 * HOUR)).toEqual([]);
  });

  it('a reply after the deadline does not hide the breach, even when nobody had noticed it yet', () => {
    const { recorded } = handle(aTicket(), reply('r'), AGENT, T0 + 2 * HOUR);
    expect(recorded.map(({ event }) => event.type)).toEqual([
      'goalDueSoon',
      'goalBreached',
      'replyAccepted',
      'assigneeChanged',
      'statusChanged',
    ]);
  });

  it('a reply exactly at the deadline is on time', () => {
    expect(
      view(after(aTicket(), [T0 + HOUR, reply('r')]), T0 + 2 * HOUR).goals.firstReply?.state,
    ).toBe('completedOnTime');
  });

  it('a changed policy recomputes from history: stricter breaches at once, milder takes the breach back, none drops the goals', () => {
    const strict = someRules(aPolicy({ version: 2, goals: { firstReply: { seconds: 60 } } }));
    const stricter = after(aTicket(), [T0 + 10 * MINUTE, { type: 'adoptRules', rules: strict }]);
    expect(nextWake(stricter, T0 + 10 * MINUTE)?.atMs).toBe(T0 + MINUTE);
    const breached = after(stricter, [T0 + 10 * MINUTE, { type: 'wake' }]);
    expect(view(breached, T0 + 10 * MINUTE).goals.firstReply?.breachedAtMs).toBe(T0 + MINUTE);
    const mild = after(breached, [T0 + 11 * MINUTE, { type: 'adoptRules', rules: someRules() }]);
    expect(view(mild, T0 + 11 * MINUTE).goals.firstReply).toMatchObject({
      state: 'active',
      breachedAtMs: null,
    });
    expect(eventsOf(mild, T0 + HOUR)).toContain('goalBreached');
    const none = after(mild, [T0 + 12 * MINUTE, { type: 'adoptRules', rules: someRules(null) }]);
    expect(view(none, T0 + 12 * MINUTE)).toMatchObject({
      goals: {},
      policyId: null,
      state: 'none',
    });
  });

  it('a reply exactly at the deadline breaches nothing, one a millisecond later does', () => {
    const types = (atMs: number): string[] =>
      handle(aTicket(), reply('r'), AGENT, atMs).recorded.map(({ event }) => event.type);
    expect(types(T0 + HOUR)).not.toContain('goalBreached');
    expect(types(T0 + HOUR + 1)).toContain('goalBreached');
  });

  it('time as spam or merged away is not counted, and a ticket that was both comes back as spam', () => {
    const spam = after(aTicket(), [T0 + 10 * MINUTE, { type: 'setSpam', spam: true }]);
    const back = after(spam, [T0 + 5 * HOUR, { type: 'setSpam', spam: false }]);
    expect(view(back, T0 + 5 * HOUR).goals.firstReply?.dueAtMs).toBe(T0 + 5 * HOUR + 50 * MINUTE);
    const unmerged = after(spam, ...mergeAway(T0 + HOUR, 2), [
      T0 + 2 * HOUR,
      { type: 'unseal', mergeId: 'g' },
    ]);
    expect(eventsOf(unmerged, T0 + 99 * HOUR)).toEqual([]);
    const after5 = after(unmerged, [T0 + 5 * HOUR, { type: 'setSpam', spam: false }]);
    expect(view(after5, T0 + 5 * HOUR)).toEqual(view(back, T0 + 5 * HOUR));
  });

  it('spam and merged tickets do not escalate', () => {
    const merged = after(aTicket(), ...mergeAway(T0 + MINUTE, 2));
    expect(eventsOf(merged, T0 + 9 * HOUR)).toEqual([]);
    const spam = after(aTicket(), [T0 + MINUTE, { type: 'setSpam', spam: true }]);
    expect(eventsOf(spam, T0 + 9 * HOUR)).toEqual([]);
  });
});

const someFacts: TicketFacts = {
  ...{ ticketId: 1, createdAtMs: 0, channel: 'email', mailbox: null, subject: '', body: '' },
  ...{ requesterEmail: null, companyId: null, language: null, priority: 'normal', tags: [] },
  ...{ teamId: null, assigneeId: null, pipelineId: 'pipeline', status: 'new', fields: {} },
};

describe('a reply that bounced for good', () => {
  const bounce = (bouncedMessageId: string, more: object = {}): TicketCommand => ({
    ...{ type: 'receiveMessage', messageId: 'bounce', atMs: T0 + HOUR, automatic: true },
    ...{ bouncedMessageId, bouncePermanent: true, bounceFailed: true, ...more },
  });
  const answered = (): Ticket =>
    after(aTicket(), [T0 + 1, reply('r')], [T0 + 2, report('r', 'sent', T0 + 2)]);

  it('gives back the status it had set, so that the clock it stopped runs and does not stand still for ever', () => {
    expect(answered().state.status).toBe('waitingOnContact');
    const { ticket } = handle(answered(), bounce('r'), AGENT, T0 + HOUR);
    expect(ticket.state.status).toBe('new');
    const view = slaView(ticket.rules.policy, ticket.state.ledger, T0 + HOUR);
    expect(view).toMatchObject({ paused: false });
    expect(view.goals.firstReply?.dueAtMs).not.toBeNull();
  });

  it('gives it back too when its bounce is faster than the word that the mail has left', () => {
    const early = after(aTicket(), [T0 + 1, reply('r')], [T0 + 2, bounce('r')]);
    expect(early.state.status).toBe('new');
    expect(after(early, [T0 + 3, report('r', 'sent', T0 + 2)]).state.status).toBe('new');
  });

  it('leaves a status that somebody has set since, and one that another reply has earned', () => {
    const moved = after(answered(), [T0 + 3, status('waitingOnUs')]);
    expect(handle(moved, bounce('r'), AGENT, T0 + HOUR).ticket.state.status).toBe('waitingOnUs');
    const again = after(answered(), [T0 + 3, reply('r2')]);
    expect(handle(again, bounce('r'), AGENT, T0 + HOUR).ticket.state.status).toBe(
      'waitingOnContact',
    );
    const closed = after(answered(), [T0 + 3, status('closed')]);
    expect(handle(closed, bounce('r'), AGENT, T0 + HOUR).ticket.state.status).toBe('closed');
  });
});

describe('the order of policies', () => {
  const policy = (
    policyId: string,
    ...versions: { at: number; position: number; all?: true }[]
  ) => ({
    ...{ policyId, position: versions.at(-1)?.position ?? 0 },
    versions: versions
      .map(({ at: savedAtMs, position, all }, index) => ({
        ...{ policyId, version: index + 1, savedAtMs },
        definition: {
          ...{ name: policyId, conditions: [], calendarId: null, goals: {}, pauseStatuses: [] },
          ...{ escalations: [], position },
          appliesTo: all === true ? ('newAndOpenTickets' as const) : ('newTickets' as const),
        },
      }))
      .toReversed(),
  });
  const chosenFor = (createdAtMs: number): string | undefined =>
    choosePolicy(
      // One was first; a save for new tickets only put it last.
      [
        policy('one', { at: 0, position: 1 }, { at: 100, position: 9 }),
        policy('two', { at: 0, position: 5 }),
      ],
      { ...someFacts, createdAtMs },
    )?.chosen.policyId;

  it('is that of the versions that reach the ticket: a save for new tickets moves nothing for older ones', () => {
    expect(chosenFor(50)).toBe('one');
    expect(chosenFor(150)).toBe('two');
  });
});
