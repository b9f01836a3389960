// Why a ticket went where it went: the closed set of sentences that are stored, and how they are read again. The stored text is
// English and stays as it was said, since Temporal, the API and old tickets hold it; who shows it to people finds here what it says.

/**
 * Every sentence, with its slots in braces. A new one is told apart by its text alone, and those already said must stay readable:
 * reword none of them, add another. The more special of two that could read the same text stands first.
 */
const REASONS = {
  createdAssigned: 'Assigned by whoever created the ticket.',
  noRule: 'No routing rule matched.',
  repliedFirst: 'Replied to an unassigned ticket.',
  placed: '{by}; {pick}.',
  agentRefused: '{by}, but the agent it names {against}.',

  // How it came to a team or an agent.
  creatorChose: 'The creator chose the team',
  teamAsked: '{by}, but the agent it names {against}, so their team is asked',
  ruleForAll: 'Rule "{name}" matched (every ticket)',
  ruleMatched: 'Rule "{name}" matched ({conditions})',

  // Who of them.
  withSkills: '{pick}, with {skills}',
  nextInTurn: 'next in turn of the team',
  leastLoaded: 'least loaded of the team ({load} open)',
  leastShareOfAny: 'least loaded by share of the team ({load} of any number)',
  leastShare: 'least loaded by share of the team ({load} of {capacity})',
  lastAssignee: "had the requester's last ticket",
  contactOwner: 'looks after the contact',
  namedByRule: 'named by the rule',
  nobodyFree: 'nobody of the team is free',
  byHand: 'the team hands out by hand',
  noRuleTakes: 'no rule takes the ticket',
  namedAskedTeam: 'the agent it names {against}, so their team is asked: {pick}',
  namedRefused: 'the agent it names {against}',

  // What stands against somebody.
  inactive: 'is not active',
  mayNotReply: 'may not reply',
  noSeat: 'has no seat',
  notMain: 'is not a main member of the team',
  unknownPerson: 'does not exist',
  available: 'is available',
  toggledAway: 'is away',
  outOfOffice: 'is out of office',
  outsideHours: 'is outside their working hours',
  lacksSkills: 'lacks {skills}',
  knowsLess: 'knows {skill} at level {level}, not {wanted}',
  full: 'is at capacity ({load} of {capacity})',
  fullForChannel: 'is at capacity for {channel} ({load} of {capacity})',

  // What moved it later.
  widenedToTeam: 'No agent with the skills was free within {seconds} s: offered to the whole team.',
  widenedToOther: 'No agent was free within {seconds} s: offered to another team.',
  returnedUntil: "The assignee {against} until {until}: back to the team's queue.",
  returned: "The assignee {against}: back to the team's queue.",
} as const;

/** Which sentence it is. */
export type ReasonKey = keyof typeof REASONS;
/** A text that was made here, and so can be read again. */
export type Reason = string & { readonly madeBy: 'reasonOf' };

type SlotsOf<T extends string> = T extends `${string}{${infer Slot}}${infer Rest}`
  ? Slot | SlotsOf<Rest>
  : never;
type Filling<K extends ReasonKey> = [SlotsOf<(typeof REASONS)[K]>] extends [never]
  ? []
  : [Record<SlotsOf<(typeof REASONS)[K]>, string | number>];

/** What stands in a sentence. */
export type ReasonSlot = SlotsOf<(typeof REASONS)[ReasonKey]>;
/** Every sentence there is. */
export const REASON_KEYS = Object.keys(REASONS) as ReasonKey[];

/** The sentence with its slots filled. */
export function reasonOf<K extends ReasonKey>(key: K, ...[slots]: Filling<K>): Reason {
  const filled: Record<string, string | number> = slots ?? {};
  const text = REASONS[key].replaceAll(/\{(\w+)\}/g, (_, slot: string) => String(filled[slot]));
  return text as Reason;
}

/** What a stored reason says: its sentence, and what stands in its slots, some of which are sentences again. */
export interface ReadReason {
  key: ReasonKey;
  slots: Record<string, string | ReadReason>;
}

/** Slots that hold another of these sentences. */
const SENTENCE_SLOTS: ReadonlySet<string> = new Set(['by', 'pick', 'against']);
const NUMBER_SLOTS: ReadonlySet<string> = new Set([
  ...['load', 'capacity', 'level', 'wanted', 'seconds'],
]);

/** Reads a stored reason; null when it is none of the sentences. */
export function readReason(text: string): ReadReason | null {
  for (const key of REASON_KEYS) {
    const found = patternOf(key).exec(text);
    const slots = found === null ? null : readSlots(found.groups ?? {});
    if (slots !== null) return { key, slots };
  }
  return null;
}

function readSlots(found: Record<string, string>): ReadReason['slots'] | null {
  const slots: ReadReason['slots'] = {};
  for (const [slot, text] of Object.entries(found)) {
    const read = SENTENCE_SLOTS.has(slot) ? readReason(text) : text;
    // Half a sentence in another language would be worse than the stored one.
    if (read === null) return null;
    slots[slot] = read;
  }
  return slots;
}

const patterns = new Map<ReasonKey, RegExp>();

/** Names of rules and skills may hold anything, even the words around them: a slot takes as much as it can. */
function patternOf(key: ReasonKey): RegExp {
  const known = patterns.get(key);
  if (known !== undefined) return known;
  const source = REASONS[key]
    .replaceAll(/[.()"]/g, String.raw`\$&`)
    .replaceAll(/\{(\w+)\}/g, (_, slot: string) =>
      NUMBER_SLOTS.has(slot) ? String.raw`(?<${slot}>\d+)` : `(?<${slot}>.+)`,
    );
  const pattern = new RegExp(`^${source}$`, 's');
  patterns.set(key, pattern);
  return pattern;
}
