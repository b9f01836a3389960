// Saved views as people make them, for measurements and for the tests of their plans.
import type { TicketSort } from '#domain/ticket-sort.ts';
import type { ViewConditions } from '#domain/view-conditions.ts';

const OPEN: ViewConditions = { field: 'category', op: 'isNot', value: 'closed' };

/** Each with the order that goes with it. */
export const TYPICAL_VIEWS: { what: string; conditions: ViewConditions; sort: TicketSort }[] = [
  {
    what: 'urgent and high of my teams, by SLA',
    conditions: {
      all: [
        OPEN,
        { field: 'team', op: 'is', value: 'mine' },
        { field: 'priority', op: 'in', value: ['high', 'urgent'] },
      ],
    },
    sort: 'sla',
  },
  {
    what: 'overdue or due within 4 hours, by SLA',
    conditions: {
      all: [
        OPEN,
        {
          any: [
            { field: 'slaState', op: 'is', value: 'overdue' },
            { field: 'due', op: 'withinNext', value: { amount: 4, unit: 'hours' } },
          ],
        },
      ],
    },
    sort: 'sla',
  },
  {
    what: 'waiting for more than a week, the oldest first',
    conditions: {
      all: [
        { field: 'category', op: 'is', value: 'waiting' },
        { field: 'updatedAt', op: 'olderThan', value: { amount: 7, unit: 'days' } },
      ],
    },
    sort: 'updatedAt',
  },
  {
    what: 'a tag, not snoozed, by priority',
    conditions: {
      all: [
        OPEN,
        { field: 'tag', op: 'is', value: 'tag10' },
        { field: 'snoozed', op: 'is', value: false },
      ],
    },
    sort: '-priority',
  },
  {
    what: 'closed by me in the last 7 days',
    conditions: {
      all: [
        { field: 'category', op: 'is', value: 'closed' },
        { field: 'assignee', op: 'is', value: 'me' },
        { field: 'closedAt', op: 'withinLast', value: { amount: 7, unit: 'days' } },
      ],
    },
    sort: '-updatedAt',
  },
  {
    what: 'of one customer, or new today and nobody’s',
    conditions: {
      any: [
        { all: [OPEN, { field: 'requester', op: 'contains', value: 'customer77@' }] },
        {
          all: [
            OPEN,
            { field: 'assignee', op: 'is', value: 'nobody' },
            { field: 'createdAt', op: 'withinLast', value: { amount: 1, unit: 'days' } },
          ],
        },
      ],
    },
    sort: '-createdAt',
  },
];
