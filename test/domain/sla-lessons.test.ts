// The complaints of ../shared/reference/lessons.md about working hours, zones and pauses that the tests beside this one do not name, each as
// a guarantee about a whole ticket: calendar, policy, clock and wake together.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOpenAt } from '#domain/business-calendar.ts';
import { previewBusinessHours } from '#domain/business-hours-preview.ts';
import { compileCalendar } from '#domain/calendar-compile.ts';
import type { CalendarDefinition } from '#domain/calendar-compile.ts';
import { slaView } from '#domain/sla.ts';
import type { Ticket } from '#domain/ticket-types.ts';
import { nextWake } from '#domain/ticket-wake.ts';
import {
  after,
  aPolicy,
  aTicketAt,
  customer,
  HOUR,
  MINUTE,
  reply,
  someRules,
  status,
} from '#test/support/builders.ts';

type Spans = [string, string][];
const onWeekdays = (...spans: Spans): CalendarDefinition['hours'] => ({
  ...{ mon: spans, tue: spans, wed: spans, thu: spans, fri: spans },
});
const berlin = (hours: CalendarDefinition['hours'], more: Partial<CalendarDefinition> = {}) => ({
  ...{ timeZone: 'Europe/Berlin', hours },
  ...more,
});
const office = berlin(onWeekdays(['09:00', '17:00']), { holidays: ['2025-12-24/2025-12-26'] });

function rulesBy(definition: CalendarDefinition, hours: number, more: object = {}) {
  const calendar = compileCalendar(definition);
  const goals = { firstReply: { seconds: hours * 3_600, dueSoonSeconds: 1_800 } };
  return someRules(aPolicy({ calendar, goals, ...more }));
}
const dueAt = (ticket: Ticket): string | null => {
  const { firstReply } = slaView(ticket.rules.policy, ticket.state.ledger, 0).goals;
  const { dueAtMs = null } = firstReply ?? {};
  return dueAtMs === null ? null : new Date(dueAtMs).toISOString();
};
const dueFrom = (created: string, definition: CalendarDefinition, hours: number): string | null =>
  dueAt(aTicketAt(Date.parse(created), rulesBy(definition, hours)));

describe('working hours', () => {
  it('no warning, deadline or working step wakes a ticket at night, at the weekend or on a holiday (zammad#4432)', () => {
    const calendar = compileCalendar(office);
    const goals = { firstReply: { seconds: 14_400, dueSoonSeconds: 5_400 } };
    const escalations = [
      ...[{ afterSeconds: 3_600 }, { beforeSeconds: 7_200 }].map((when) => ({
        ...{ goal: 'firstReply' as const, when, repeat: { everySeconds: 5_000, times: 5 } },
        actions: [{ type: 'raisePriority' as const }],
      })),
    ];
    const rules = someRules(aPolicy({ calendar, goals, escalations }));
    const minutes = fc.integer({ min: 0, max: 40 * 24 * 60 });
    fc.assert(
      fc.property(minutes, (minute) => {
        const createdMs = Date.parse('2025-11-30T00:00:00Z') + minute * MINUTE;
        let ticket = aTicketAt(createdMs, rules);
        let woken = 0;
        for (let wake = nextWake(ticket, createdMs); wake !== null; woken += 1) {
          // A wake at the very end of a span belongs to it.
          expect(isOpenAt(calendar, wake.atMs) || isOpenAt(calendar, wake.atMs - 1)).toBe(true);
          ticket = after(ticket, [wake.atMs, { type: 'wake' }]);
          wake = nextWake(ticket, wake.atMs);
        }
        expect(woken).toBeGreaterThan(10);
      }),
      { numRuns: 60 },
    );
  });

  it('what an admin is shown in the preview is what a ticket is held to (zammad#3837)', () => {
    for (const created of [
      '2025-12-23T15:00:00Z',
      '2025-03-28T16:30:00Z',
      '2025-10-24T14:10:00Z',
    ]) {
      for (const hours of [1, 9, 30]) {
        const asked = { calendar: office, start: created, goalSeconds: hours * 3_600 };
        expect(previewBusinessHours(asked)).toEqual({ dueAt: dueFrom(created, office, hours) });
      }
    }
  });

  it('a lunch break is nobody’s working time (chatwoot#14009, frappe/helpdesk#2212)', () => {
    const lunch = berlin(onWeekdays(['09:00', '12:00'], ['13:00', '17:00']));
    expect(dueFrom('2025-03-03T10:30:00Z', lunch, 1)).toBe('2025-03-03T12:30:00.000Z');
  });

  it('a shift past midnight is one shift (chatwoot#5254)', () => {
    const night = berlin({ mon: [['22:00', '24:00']], tue: [['00:00', '06:00']] });
    expect(dueFrom('2025-03-03T22:30:00Z', night, 3)).toBe('2025-03-04T01:30:00.000Z');
  });

  it('a day may begin at midnight and end at midnight (chatwoot#6417, zammad#3180)', () => {
    const whole = berlin(onWeekdays(['00:00', '24:00']));
    expect(dueFrom('2025-03-02T12:00:00Z', whole, 1)).toBe('2025-03-03T00:00:00.000Z');
    expect(dueFrom('2025-03-03T22:30:00Z', whole, 1)).toBe('2025-03-03T23:30:00.000Z');
  });

  it('the offset is that of the day, in winter, in summer and across the change (chatwoot#2882)', () => {
    expect(dueFrom('2025-01-13T07:00:00Z', office, 1)).toBe('2025-01-13T09:00:00.000Z');
    expect(dueFrom('2025-07-14T06:00:00Z', office, 1)).toBe('2025-07-14T08:00:00.000Z');
    // Friday before the clocks go forward, 16:30 there: half an hour is left for Monday.
    expect(dueFrom('2025-03-28T15:30:00Z', office, 1)).toBe('2025-03-31T07:30:00.000Z');
  });

  it('a ticket of a Sunday that is answered on Sunday was answered in time, at no working time at all (frappe/helpdesk#2075)', () => {
    const sunday = Date.parse('2025-03-02T10:00:00Z');
    const ticket = after(aTicketAt(sunday, rulesBy(office, 1)), [sunday + HOUR, reply('r')]);
    const { firstReply } = slaView(ticket.rules.policy, ticket.state.ledger, sunday + HOUR).goals;
    expect(firstReply).toMatchObject({ state: 'completedOnTime', completedAtMs: sunday + HOUR });
    expect(dueAt(ticket)).toBe('2025-03-03T09:00:00.000Z');
  });

  it('deadlines are the same whatever zone the machine is in (frappe/helpdesk#3776)', () => {
    const zone = process.env['TZ'];
    const dues = ['UTC', 'America/Los_Angeles', 'Pacific/Kiritimati'].map((name) => {
      process.env['TZ'] = name;
      return dueFrom('2025-03-28T15:30:00Z', office, 12);
    });
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
    expect(new Set(dues).size).toBe(1);
  });
});

describe('a hold', () => {
  const monday = Date.parse('2025-03-03T09:00:00Z');
  const pausing = { pauseStatuses: ['waitingOnContact'] };

  it('is put behind the time worked before it, not behind the creation (frappe/helpdesk#2449)', () => {
    const ticket = after(
      aTicketAt(monday, rulesBy(office, 2, pausing)),
      [monday + HOUR, status('waitingOnContact')],
      [monday + 3 * HOUR, status('waitingOnUs')],
    );
    expect(dueAt(ticket)).toBe(new Date(monday + 4 * HOUR).toISOString());
  });

  it('stops the clock for as long as it lasts, however long that is (frappe/helpdesk#1554)', () => {
    const paused = after(aTicketAt(monday, rulesBy(office, 2, pausing)), [
      ...([monday + HOUR, status('waitingOnContact')] as const),
    ]);
    expect(nextWake(paused, monday + 999 * HOUR)).toBeNull();
    const back = Date.parse('2025-06-02T07:00:00Z');
    expect(dueAt(after(paused, [back, status('waitingOnUs')]))).toBe('2025-06-02T08:00:00.000Z');
  });
});

describe('the next reply', () => {
  const start = Date.parse('2025-03-03T10:00:00Z');
  const goals = { nextReply: { seconds: 3_600 } };

  it('is cleared by the very reply that answers, and set anew by the very next question (zammad#3140, zammad#2082)', () => {
    let ticket = aTicketAt(start, someRules(aPolicy({ goals, pauseStatuses: [] })));
    ticket = after(ticket, [start, reply('first')]);
    for (const hour of [1, 3, 5]) {
      ticket = after(ticket, [
        ...([start + hour * HOUR, customer(`q${hour}`, start + hour * HOUR)] as const),
      ]);
      const due = start + (hour + 1) * HOUR;
      expect(nextWake(ticket, start + hour * HOUR)).toMatchObject({
        ...{ atMs: due, reason: 'next reply overdue' },
      });
      ticket = after(ticket, [start + hour * HOUR + 10 * MINUTE, reply(`a${hour}`)]);
      expect(nextWake(ticket, start + hour * HOUR + 10 * MINUTE)).toBeNull();
    }
  });
});
