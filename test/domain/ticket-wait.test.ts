// Tickets that wait for their requester: when they warn, when they close themselves, and what they do not do. And the end of spam.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { elapsedMs } from '#domain/business-calendar.ts';
import { compileCalendar } from '#domain/calendar-compile.ts';
import type { AutoClose, TicketRules } from '#domain/desk.ts';
import { closeWarningId } from '#domain/ids.ts';
import { slaView } from '#domain/sla.ts';
import { handle } from '#domain/ticket.ts';
import type { RecordedEvent, Ticket, TicketCommand } from '#domain/ticket-types.ts';
import { nextWake } from '#domain/ticket-wake.ts';
import { waitOf } from '#domain/ticket-wait.ts';
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

const DAY = 24 * HOUR;
const OFFICE = compileCalendar({
  timeZone: 'Europe/Berlin',
  hours: {
    ...{ mon: [['09:00', '17:00']], tue: [['09:00', '17:00']], wed: [['09:00', '17:00']] },
    ...{ thu: [['09:00', '17:00']], fri: [['09:00', '17:00']] },
  },
});
const WARNS: AutoClose = { afterMs: 16 * HOUR, warnBeforeMs: 8 * HOUR, calendar: OFFICE };
const SILENT: AutoClose = { afterMs: 2 * HOUR, warnBeforeMs: null, calendar: null };
const closing = (
  autoClose: AutoClose | null,
  policy = null as TicketRules['policy'],
): TicketRules => ({
  ...someRules(policy),
  ...{ autoClose, spamDeleteAfterMs: 90 * DAY },
});
const at = (iso: string): number => Date.parse(iso);

/** Answered at this instant, and the answer has left: it waits for its requester. */
function waitingSince(atMs: number, rules: TicketRules): Ticket {
  const ticket = aTicketAt(atMs - HOUR, rules);
  return after(ticket, [atMs, reply('m')], [atMs, report('m', 'sent', atMs)]);
}

/** Lets every timer fire at its instant until the given one. */
function live(
  start: Ticket,
  fromMs: number,
  untilMs: number,
): { ticket: Ticket; recorded: RecordedEvent[] } {
  let ticket = start;
  const recorded: RecordedEvent[] = [];
  for (let nowMs = fromMs; ;) {
    const wake = nextWake(ticket, nowMs);
    if (wake === null || wake.atMs > untilMs) return { ticket, recorded };
    nowMs = Math.max(nowMs, wake.atMs);
    const woken = handle(ticket, { type: 'wake' }, AGENT, nowMs);
    recorded.push(...woken.recorded);
    ticket = woken.ticket;
    const [send] = ticket.state.sends;
    if (send !== undefined) ticket = after(ticket, [nowMs, report(send.messageId, 'sent', nowMs)]);
  }
}
const instants = (recorded: readonly RecordedEvent[]): [string, string][] =>
  recorded.map(({ event, atMs }) => [event.type, new Date(atMs).toISOString()]);

describe('a ticket that waits for its requester', () => {
  it('warns and closes itself after working hours, over a weekend', () => {
    // Friday 12:00 in Berlin: five hours that day, so eight are over on Monday at 12:00.
    const friday = at('2025-03-07T11:00:00Z');
    const { recorded, ticket } = live(
      waitingSince(friday, closing(WARNS)),
      friday,
      friday + 10 * DAY,
    );
    expect(instants(recorded)).toEqual([
      ['closeWarned', '2025-03-10T11:00:00.000Z'],
      ['statusChanged', '2025-03-11T11:00:00.000Z'],
    ]);
    expect(recorded[1]?.event).toMatchObject({ to: 'closed', cause: 'autoClose' });
    expect(ticket.state.category).toBe('closed');
  });

  it('counts by its policy’s calendar before the setting’s, and around the clock without either', () => {
    const friday = at('2025-03-07T11:00:00Z');
    const byPolicy = aPolicy({
      calendar: OFFICE,
      calendarId: 'office',
      calendarVersion: 1,
      goals: {},
    });
    const wake = (rules: TicketRules): string =>
      new Date(nextWake(waitingSince(friday, rules), friday)?.atMs ?? 0).toISOString();
    const round = { ...WARNS, calendar: null };
    expect(wake(closing(round, byPolicy))).toBe('2025-03-10T11:00:00.000Z');
    expect(wake(closing(WARNS))).toBe('2025-03-10T11:00:00.000Z');
    expect(wake(closing(round))).toBe('2025-03-07T19:00:00.000Z');
  });

  it('says so: its next wake names the warning, then the closing', () => {
    const waits = waitingSince(T0, closing(WARNS));
    expect(nextWake(waits, T0)?.reason).toBe('warns before closing');
    const warnAtMs = nextWake(waits, T0)?.atMs ?? 0;
    const warned = after(waits, [warnAtMs, { type: 'wake' }]);
    expect(nextWake(warned, warnAtMs)?.reason).toBe('closes itself');
  });

  it('warns once per wait by one mail, whose id is that of the wait', () => {
    const waits = waitingSince(T0, closing(WARNS));
    const { recorded } = live(waits, T0, T0 + 30 * DAY);
    const warnings = recorded.filter(({ event }) => event.type === 'closeWarned');
    expect(warnings).toHaveLength(1);
    expect(warnings[0]?.event).toMatchObject({
      send: { messageId: closeWarningId(1, T0), kind: 'closeWarning' },
    });
  });

  it.for<[string, TicketCommand]>([
    ['the requester writes', customer('c', T0 + HOUR)],
    ['its status changes', status('waitingOnUs')],
    ['it is closed by hand', status('closed')],
    ['it turns out to be spam', { type: 'setSpam', spam: true }],
  ])('does neither once %s', ([, command]) => {
    const { recorded } = live(
      after(waitingSince(T0, closing(SILENT)), [T0 + HOUR, command]),
      T0 + HOUR,
      T0 + 5 * DAY,
    );
    expect(recorded.filter(({ event }) => event.type === 'statusChanged')).toEqual([]);
  });

  it('waits the whole time again after another reply', () => {
    const again = after(waitingSince(T0, closing(SILENT)), [T0 + HOUR, reply('m2')]);
    const sent = after(again, [T0 + HOUR, report('m2', 'sent', T0 + HOUR)]);
    expect(nextWake(sent, T0 + HOUR)).toEqual({ atMs: T0 + 3 * HOUR, reason: 'closes itself' });
  });

  it('that heard an automatic answer goes on waiting', () => {
    const robot = after(waitingSince(T0, closing(SILENT)), [
      T0 + HOUR,
      customer('a', T0 + HOUR, true),
    ]);
    expect(nextWake(robot, T0 + HOUR)?.atMs).toBe(T0 + 2 * HOUR);
  });

  it('is not closed while the customer of a ticket merged into it waits', () => {
    const absorbed = after(waitingSince(T0, closing(SILENT)), [
      T0 + HOUR,
      {
        ...{ type: 'absorb', mergeId: 'g', loserId: 2 },
        payload: { tags: [], followers: [], unansweredSinceMs: T0 },
      },
    ]);
    expect(nextWake(absorbed, T0 + HOUR)).toBeNull();
    const undone = after(absorbed, [T0 + HOUR, { type: 'unabsorb', mergeId: 'g' }]);
    expect(nextWake(undone, T0 + HOUR)?.atMs).toBe(T0 + 2 * HOUR);
  });

  it('does not count the time it was merged away', () => {
    const away = after(waitingSince(T0, closing(SILENT)), ...mergeAway(T0 + HOUR, 2));
    expect(nextWake(away, T0 + HOUR)?.reason).toBe('reopen window ends');
    const back = after(away, [T0 + 5 * HOUR, { type: 'unseal', mergeId: 'g' }]);
    expect(nextWake(back, T0 + 5 * HOUR)).toEqual({ atMs: T0 + 6 * HOUR, reason: 'closes itself' });
  });

  it('is warned first, and for the whole time, when the setting comes after a long wait', () => {
    const old = waitingSince(T0, closing(null));
    const adopt: TicketCommand = {
      type: 'adoptRules',
      rules: closing({ ...WARNS, calendar: null }),
    };
    const late = after(old, [T0 + 30 * DAY, adopt]);
    const { recorded } = live(late, T0 + 30 * DAY, T0 + 40 * DAY);
    expect(instants(recorded).map(([type]) => type)).toEqual(['closeWarned', 'statusChanged']);
    expect(recorded[1]?.atMs).toBe(T0 + 30 * DAY + 8 * HOUR);
  });

  it('keeps its place in the wait when policy and calendar change under it', () => {
    const friday = at('2025-03-07T11:00:00Z');
    const waits = waitingSince(friday, closing(WARNS));
    const rules = closing({ ...WARNS, calendar: null, warnBeforeMs: null });
    const changed = after(waits, [friday + HOUR, { type: 'adoptRules', rules }]);
    expect(nextWake(changed, friday + HOUR)?.atMs).toBe(friday + 16 * HOUR);
  });

  it('from before waits were kept counts from its status', () => {
    const { state, rules } = waitingSince(T0, closing(SILENT));
    const { wait: _wait, ...old } = state;
    expect(waitOf(old)).toEqual(state.wait);
    expect(nextWake({ state: old, rules }, T0)).toEqual({
      atMs: T0 + 2 * HOUR,
      reason: 'closes itself',
    });
  });
});

describe('a snoozed ticket', () => {
  it('is not closed: its wait goes on only when the snooze ends (chatwoot#10241)', () => {
    const asleep = after(waitingSince(T0, closing(SILENT)), [
      T0 + HOUR,
      { type: 'snooze', untilMs: T0 + 9 * HOUR, untilReply: false },
    ]);
    const { recorded } = live(asleep, T0 + HOUR, T0 + DAY);
    expect(instants(recorded)).toEqual([
      ['unsnoozed', new Date(T0 + 9 * HOUR).toISOString()],
      ['statusChanged', new Date(T0 + 10 * HOUR).toISOString()],
    ]);
  });

  it('that a step set to waiting in its sleep waits as long, though the desk was down and noticed both late', () => {
    const escalating = aPolicy({
      escalations: [
        {
          ...{ goal: 'firstReply', when: { afterSeconds: 60 } },
          actions: [{ type: 'setStatus', status: 'waitingOnContact' }],
        },
      ],
    });
    const asleep = after(aTicketAt(T0, closing(SILENT, escalating)), [
      T0,
      { type: 'snooze', untilMs: T0 + 90 * MINUTE, untilReply: false },
    ]);
    const onTime = live(asleep, T0, T0 + 3 * HOUR).ticket;
    const late = after(asleep, [T0 + 3 * HOUR, { type: 'wake' }]);
    expect(waitOf(onTime.state)).not.toBeNull();
    expect(waitOf(late.state)).toEqual(waitOf(onTime.state));
    expect(nextWake(late, T0 + 3 * HOUR)).toEqual(nextWake(onTime, T0 + 3 * HOUR));
  });

  it('until the next reply is never closed by time', () => {
    const asleep = after(waitingSince(T0, closing(SILENT)), [
      T0 + HOUR,
      { type: 'snooze', untilMs: null, untilReply: true },
    ]);
    expect(nextWake(asleep, T0 + HOUR)).toBeNull();
  });

  it('stays asleep through other changes and wakes at its time (freescout#3584)', () => {
    const untilMs = T0 + 30 * HOUR;
    const changes: TicketCommand[] = [
      { type: 'change', priority: 'urgent', tags: ['a'], assigneeId: 'bob', teamId: 'team' },
      { type: 'change', channelId: 'mailbox', edit: { editId: 'e', fields: ['subject'] } },
      status('waitingOnUs'),
      status('waitingOnContact'),
      reply('m2'),
      { type: 'addNote', messageId: 'n' },
      { type: 'follow', userId: 'bob', follow: true },
      customer('auto', T0 + HOUR, true),
      { type: 'adoptRules', rules: closing(SILENT, aPolicy({ version: 7 })) },
      { type: 'adoptRules', rules: closing(null) },
      { type: 'setSpam', spam: true },
      { type: 'setSpam', spam: false },
    ];
    let ticket = after(waitingSince(T0, closing(SILENT)), [
      T0 + HOUR,
      { type: 'snooze', untilMs, untilReply: false },
    ]);
    for (const [index, command] of changes.entries()) {
      ticket = after(ticket, [T0 + (2 + index) * HOUR, command]);
      ticket = JSON.parse(JSON.stringify(ticket)) as Ticket;
      expect(ticket.state.snoozedUntilMs).toBe(untilMs);
    }
    const merged = after(ticket, ...mergeAway(T0 + 20 * HOUR, 2), [
      T0 + 21 * HOUR,
      { type: 'unseal', mergeId: 'g' },
    ]);
    expect(nextWake(merged, T0 + 21 * HOUR)).toEqual({ atMs: untilMs, reason: 'snooze ends' });
    expect(after(merged, [untilMs, { type: 'wake' }]).state.snoozedUntilMs).toBeNull();
  });
});

describe('automation in working hours (chatwoot#10455)', () => {
  it('neither warns nor closes outside them, whenever the wait begins', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 21 * 24 * 60 }), (minutes) => {
        const fromMs = T0 + minutes * MINUTE;
        const { recorded } = live(waitingSince(fromMs, closing(WARNS)), fromMs, fromMs + 12 * DAY);
        expect(recorded).toHaveLength(2);
        for (const { atMs } of recorded) {
          // The closing instant belongs to the day that ends with it.
          expect(elapsedMs(OFFICE, atMs - 1, atMs)).toBe(1);
        }
        const [warned = 0, closed = 0] = recorded.map(({ atMs }) => atMs);
        expect(elapsedMs(OFFICE, fromMs, warned)).toBe(8 * HOUR);
        expect(elapsedMs(OFFICE, fromMs, closed)).toBe(16 * HOUR);
      }),
      { numRuns: 200 },
    );
  });
});

describe('a changed SLA', () => {
  it('does not forget the time a ticket was pending (glpi#6902)', () => {
    const pending = after(
      aTicket(someRules(aPolicy())),
      [T0 + MINUTE, status('waitingOnContact')],
      [T0 + 31 * MINUTE, status('waitingOnUs')],
    );
    const stricter = someRules(aPolicy({ version: 2, goals: { firstReply: { seconds: 1_200 } } }));
    const { state, rules } = after(pending, [
      T0 + 32 * MINUTE,
      { type: 'adoptRules', rules: stricter },
    ]);
    const { goals } = slaView(rules.policy, state.ledger, T0 + 32 * MINUTE);
    expect(goals.firstReply?.dueAtMs).toBe(T0 + 50 * MINUTE);
  });
});

describe('a warning', () => {
  const warned = (): Ticket => {
    const waits = waitingSince(T0, closing({ ...WARNS, calendar: null }, aPolicy()));
    return after(waits, [T0 + 8 * HOUR, { type: 'wake' }]);
  };

  it('stops and starts no clock, assigns nobody and moves no status', () => {
    const before = waitingSince(T0, closing({ ...WARNS, calendar: null }, aPolicy()));
    for (const outcome of ['sent', 'failed', 'cancelled'] as const) {
      const { state } = after(warned(), [
        T0 + 9 * HOUR,
        report(closeWarningId(1, T0), outcome, T0 + 9 * HOUR),
      ]);
      expect(state.ledger.marks).toEqual(before.state.ledger.marks);
      expect(state.assigneeId).toBe(before.state.assigneeId);
      expect(state).toMatchObject({ status: 'waitingOnContact', sends: [] });
    }
  });

  it('that could not be delivered, or had nobody to go to, does not keep the ticket open', () => {
    for (const outcome of ['failed', 'cancelled'] as const) {
      const reported = after(warned(), [
        T0 + 9 * HOUR,
        report(closeWarningId(1, T0), outcome, T0 + 9 * HOUR),
      ]);
      expect(nextWake(reported, T0 + 9 * HOUR)).toEqual({
        atMs: T0 + 16 * HOUR,
        reason: 'closes itself',
      });
    }
  });
});

describe('spam', () => {
  it('ends after its days, closed or not, and never when it is none any more', () => {
    for (const first of [status('waitingOnUs'), status('closed')]) {
      const spam = after(
        aTicket(closing(null)),
        [T0, first],
        [T0 + DAY, { type: 'setSpam', spam: true }],
      );
      expect(nextWake(spam, T0 + DAY)).toEqual({ atMs: T0 + 91 * DAY, reason: 'spam is deleted' });
      const over = after(spam, [T0 + 91 * DAY, { type: 'wake' }]);
      expect(over.state).toMatchObject({ ended: true, spam: true });
      const saved = after(spam, [T0 + 90 * DAY, { type: 'setSpam', spam: false }]);
      expect(nextWake(saved, T0 + 90 * DAY)?.reason).not.toBe('spam is deleted');
    }
  });

  it('is kept by a desk that keeps it', () => {
    const rules = { ...closing(null), spamDeleteAfterMs: null };
    const spam = after(aTicket(rules), [T0, { type: 'setSpam', spam: true }]);
    expect(nextWake(spam, T0)).toBeNull();
  });
});
