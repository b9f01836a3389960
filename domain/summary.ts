// The live summary: which figures it has and which tickets each of them is. A figure is a tree of conditions, so that the number and
// the list behind it cannot differ. Pure.
import { GOAL_NAMES, PRIORITIES } from './desk.ts';
import type { GoalName, Priority } from './desk.ts';
import type { ViewConditions } from './view-conditions.ts';

/** Since when today is today for the reader, and what of yesterday it is compared with. */
export interface SummaryDay {
  today: string;
  yesterday: string;
  /** Yesterday at the time it is now. */
  sameTimeYesterday: string;
}

/** A figure. `open` ones only have tickets that are not closed; `recent` ones only such that changed since yesterday began. */
export interface Figure {
  name: string;
  scope: 'open' | 'recent';
  conditions: ViewConditions;
}

export const LIVE_FIGURES = [
  ...(['allOpen', 'new', 'open', 'waiting', 'unassigned', 'overdue', 'dueSoon'] as const),
  ...(['paused', 'snoozed'] as const),
] as const;
export const GOAL_FIGURES = [
  ...(['active', 'dueSoon', 'overdue', 'completedOnTime', 'completedLate'] as const),
] as const;
export const DAY_FIGURES = ['created', 'closed', 'replied'] as const;

const OPEN: ViewConditions = { field: 'category', op: 'isNot', value: 'closed' };
const is = (field: string, value: string | boolean): ViewConditions => ({ field, op: 'is', value });

const LIVE: Record<(typeof LIVE_FIGURES)[number], ViewConditions[]> = {
  allOpen: [],
  new: [is('category', 'new')],
  open: [is('category', 'open')],
  waiting: [is('category', 'waiting')],
  unassigned: [is('assignee', 'nobody')],
  overdue: [is('slaState', 'overdue')],
  dueSoon: [is('slaState', 'dueSoon')],
  paused: [is('slaState', 'paused')],
  snoozed: [is('snoozed', true)],
};

const DAY_FIELDS: Record<(typeof DAY_FIGURES)[number], string> = {
  created: 'createdAt',
  closed: 'closedAt',
  replied: 'repliedAt',
};

export const liveName = (figure: (typeof LIVE_FIGURES)[number]): string => `live/${figure}`;
export const priorityName = (priority: Priority): string => `priority/${priority}`;
export const goalName = (goal: GoalName, state: (typeof GOAL_FIGURES)[number]): string =>
  `goal/${goal}/${state}`;
export const dayName = (figure: (typeof DAY_FIGURES)[number], day: 'today' | 'yesterday'): string =>
  `${day}/${figure}`;

/** All figures, of the whole desk or of one team. */
export function summaryFigures(day: SummaryDay, teamId: string | null): Figure[] {
  const team = teamId === null ? [] : [is('team', teamId)];
  const open = (name: string, conditions: ViewConditions[]): Figure => ({
    ...{ name, scope: 'open', conditions: { all: [OPEN, ...conditions, ...team] } },
  });
  const recent = (name: string, conditions: ViewConditions[]): Figure => ({
    ...{ name, scope: 'recent', conditions: { all: [...conditions, ...team] } },
  });
  return [
    ...LIVE_FIGURES.map((figure) => open(liveName(figure), LIVE[figure])),
    ...PRIORITIES.map((one) => open(priorityName(one), [is('priority', one)])),
    ...GOAL_NAMES.flatMap((goal) =>
      GOAL_FIGURES.map((state) => {
        const holds = is(`goal.${goal}`, state);
        const name = goalName(goal, state);
        return state === 'completedOnTime' || state === 'completedLate'
          ? recent(name, [since(`goalCompletedAt.${goal}`, day.today), holds])
          : open(name, [holds]);
      }),
    ),
    ...DAY_FIGURES.flatMap((figure) => {
      const field = DAY_FIELDS[figure];
      return [
        recent(dayName(figure, 'today'), [since(field, day.today)]),
        recent(dayName(figure, 'yesterday'), [between(figure, day)]),
      ];
    }),
  ];
}

const since = (field: string, value: string): ViewConditions => ({ field, op: 'after', value });

/** A ticket has many replies, but each comparison looks for one: those of yesterday are asked for as one span. */
function between(figure: (typeof DAY_FIGURES)[number], day: SummaryDay): ViewConditions {
  const field = DAY_FIELDS[figure];
  if (figure === 'replied') {
    return { field, op: 'between', value: [day.yesterday, day.sameTimeYesterday] };
  }
  return {
    all: [since(field, day.yesterday), { field, op: 'before', value: day.sameTimeYesterday }],
  };
}
