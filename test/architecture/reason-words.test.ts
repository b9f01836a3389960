// Why a ticket went where it went: every sentence that the desk can store is read again, and is said in each language of the workspace.
import type { TFunction } from 'i18next';
import { beforeAll, describe, expect, it } from 'vitest';
import { AVAILABILITY_WORDS, returnReason } from '#domain/availability.ts';
import type { AvailabilityReason } from '#domain/availability.ts';
import { conditionNames } from '#domain/conditions.ts';
import type { RoutingAsk, RoutingStrategy } from '#domain/routing.ts';
import { ineligibility, NO_NEEDS, pickAgent, ROUTING_STRATEGIES } from '#domain/routing.ts';
import { readReason, REASON_KEYS, reasonOf } from '#domain/routing-reasons.ts';
import type { ReadReason, ReasonKey } from '#domain/routing-reasons.ts';
import { wideningEvents } from '#domain/widening.ts';
import { aCandidate, aWaitingTicket, HOUR, T0 } from '#test/support/builders.ts';
import { LANGUAGES, speaks } from '#test/support/languages.ts';
import { reasonWords } from '#ui/tickets/reason-words.ts';

/** Each sentence as old tickets hold it. One that domain/routing-reasons.ts adds does not type-check until it stands here. */
const STORED: Record<ReasonKey, string> = {
  createdAssigned: 'Assigned by whoever created the ticket.',
  noRule: 'No routing rule matched.',
  repliedFirst: 'Replied to an unassigned ticket.',
  placed: 'Rule "Gold" matched (tags contains, priority is); next in turn of the team.',
  agentRefused: 'Rule "Gold" matched (every ticket), but the agent it names has no seat.',
  creatorChose: 'The creator chose the team',
  teamAsked:
    'Rule "Gold" matched (tags contains), but the agent it names is away, so their team is asked',
  ruleForAll: 'Rule "Gold" matched (every ticket)',
  ruleMatched: 'Rule "Gold" matched (fields.order number isSet, requesterDomain in)',
  withSkills: 'least loaded of the team (50 open), with welsh, maps',
  nextInTurn: 'next in turn of the team',
  leastLoaded: 'least loaded of the team (0 open)',
  leastShareOfAny: 'least loaded by share of the team (4 of any number)',
  leastShare: 'least loaded by share of the team (4 of 10)',
  lastAssignee: "had the requester's last ticket",
  contactOwner: 'looks after the contact',
  namedByRule: 'named by the rule',
  nobodyFree: 'nobody of the team is free',
  byHand: 'the team hands out by hand',
  noRuleTakes: 'no rule takes the ticket',
  namedAskedTeam:
    'the agent it names lacks welsh, maps, so their team is asked: nobody of the team is free',
  namedRefused: 'the agent it names is at capacity (3 of 3)',
  inactive: 'is not active',
  mayNotReply: 'may not reply',
  noSeat: 'has no seat',
  notMain: 'is not a main member of the team',
  unknownPerson: 'does not exist',
  available: 'is available',
  toggledAway: 'is away',
  outOfOffice: 'is out of office',
  outsideHours: 'is outside their working hours',
  lacksSkills: 'lacks welsh, maps',
  knowsLess: 'knows welsh at level 1, not 3',
  full: 'is at capacity (3 of 3)',
  fullForChannel: 'is at capacity for email (2 of 2)',
  widenedToTeam: 'No agent with the skills was free within 900 s: offered to the whole team.',
  widenedToOther: 'No agent was free within 3600 s: offered to another team.',
  returnedUntil:
    "The assignee is out of office until 2026-12-01T08:00:00.000Z: back to the team's queue.",
  returned: "The assignee is away: back to the team's queue.",
};

const EMAIL: RoutingAsk = { needs: NO_NEEDS, channel: 'email', nowMs: T0 };
const WELSH: RoutingAsk = {
  ...EMAIL,
  needs: { required: [{ name: 'welsh', level: 3 }], preferred: [] },
};
const OUT = { fromMs: T0, toMs: T0 + 24 * HOUR };

/** What domain/ decides about people and places that differ in what it looks at. */
function decided(): string[] {
  const against = [
    ...[{ active: false }, { mayReply: false }, { seat: false }, { main: false }],
    ...[{ availability: 'away' as const }, { absences: [OUT] }, { capacity: 1, load: 1 }],
    { channelCapacity: { email: 1 }, channelLoad: { email: 1 } },
  ].map((more) => ineligibility(aCandidate('bo', more), EMAIL));
  const skills = [{}, { skills: ['welsh'] }].map((more) =>
    ineligibility(aCandidate('bo', more), WELSH),
  );
  const picks = ROUTING_STRATEGIES.flatMap((strategy: RoutingStrategy) =>
    [null, 10].flatMap((capacity) =>
      [[], ['maps']].map(
        (preferred) =>
          pickAgent(strategy, [aCandidate('bo', { capacity, skills: ['maps'] })], {
            ...EMAIL,
            needs: { required: [], preferred },
          })?.reason ?? null,
      ),
    ),
  );
  const claims = (['lastAssignee', 'contactOwner'] as const).map(
    (why) =>
      pickAgent('manual', [aCandidate('bo')], { ...EMAIL, sticky: { userId: 'bo', why } })
        ?.reason ?? null,
  );
  const reasons = Object.keys(AVAILABILITY_WORDS) as AvailabilityReason[];
  const returns = reasons.flatMap((reason) =>
    [null, T0].map((untilMs) => returnReason({ availability: 'away', reason, untilMs })),
  );
  const widenings = wideningEvents(aWaitingTicket().state, T0 + 24 * HOUR).flatMap((event) =>
    event.type === 'routingWidened' ? [event.reason] : [],
  );
  return [
    ...[...against, ...skills, ...picks, ...claims].filter((one) => one !== null),
    ...[...Object.values(AVAILABILITY_WORDS), ...returns, ...widenings],
  ];
}

/** The sentence again, from what was read of it. */
function again({ key, slots }: ReadReason): string {
  const filled = Object.fromEntries(
    Object.entries(slots).map(([slot, value]) => [
      slot,
      typeof value === 'string' ? value : again(value),
    ]),
  );
  return (reasonOf as (key: ReasonKey, slots: object) => string)(key, filled);
}

describe('a stored reason', () => {
  it.each(Object.entries(STORED))('of the kind %s is read as what it is', (key, stored) => {
    const read = readReason(stored);
    expect(read?.key).toBe(key);
    expect(read === null ? null : again(read)).toBe(stored);
  });

  it('is read whatever domain/ decides', () => {
    const all = decided();
    expect(all.length).toBeGreaterThan(25);
    expect(all.filter((one) => readReason(one) === null)).toEqual([]);
  });

  it.each(['Gold; "Silver" matched (every ticket)', 'a, but the agent it names is away', '(.+)'])(
    'of a rule called %s keeps its name whole',
    (name) => {
      const by = reasonOf('ruleMatched', {
        name,
        conditions: conditionNames([{ field: 'tags', op: 'isSet' }]).join(', '),
      });
      const read = readReason(reasonOf('placed', { by, pick: reasonOf('nextInTurn') }));
      expect(read?.slots['by']).toMatchObject({ key: 'ruleMatched', slots: { name } });
    },
  );
});

describe.each(LANGUAGES)('in %s', (language) => {
  let t: TFunction;
  beforeAll(async () => {
    t = await speaks(language);
  });
  const say = (stored: string): string => reasonWords(stored, { t, time: () => '10:00' });
  /** A key, a placeholder or an internal name in place of words. */
  const RAW = /reasons\.|\{\{|undefined|\[object|[a-z][A-Z]|\d{4}-\d\d/;

  it.each(REASON_KEYS)('%s is said in words of its own', (key) => {
    const words = say(STORED[key]);
    expect(words).not.toMatch(RAW);
    if (language !== 'en') expect(words).not.toBe(STORED[key]);
  });

  it('no English word is left in what domain/ decides', () => {
    if (language === 'en') return;
    const left = decided().filter((one) => /\b(is|the|of|has|team's|was)\b/.test(say(one)));
    expect(left).toEqual([]);
  });

  it('what nobody here has ever said stays as it was said', () => {
    expect(say('Moved by the importer.')).toBe('Moved by the importer.');
  });
});

it('a German reader is told the rule, what it looks at, and whose turn it was', async () => {
  const t = await speaks('de');
  expect(reasonWords(STORED.placed, { t, time: () => '' })).toBe(
    'Regel „Gold“ trifft zu (Schlagwörter enthält …, Priorität ist …); im Team an der Reihe.',
  );
});
