// A desk of 40 agents in 5 teams as a week of it is played: who they are, and a plain model of what must be true of them, written
// without the desk's own rules so that it can disagree with them.
import type { ChannelKind } from '#domain/desk.ts';
import type { RoutingStrategy } from '#domain/routing.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
/** A Monday; the week ends with Europe's change of the clocks, and lies ahead of any machine's clock for the ranges' sake. */
export const WEEK_START = Date.parse('2037-03-23T00:00:00Z');
export const WEEK_END = WEEK_START + 7 * 24 * HOUR;
export const CHANNELS: readonly ChannelKind[] = ['email', 'api', 'form'];

/** Dice that fall the same for the same seed (mulberry32). */
export function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** An agent as the model knows them. */
export interface ModelAgent {
  id: string;
  index: number;
  teams: number[];
  toggle: 'available' | 'away';
  ranges: { id: string; fromMs: number; toMs: number }[];
  zone: string | null;
  capacity: number | null;
  channelCapacity: Partial<Record<ChannelKind, number>>;
  welsh: number;
  load: number;
  channelLoad: Record<ChannelKind, number>;
}

/** A ticket as the model knows it. */
export interface ModelTicket {
  id: number;
  team: number;
  channel: ChannelKind;
  needsWelsh: number;
  cameMs: number;
  assignee: ModelAgent | null;
  closesMs: number;
}

export const STRATEGIES: readonly RoutingStrategy[] = [
  'roundRobin',
  'leastLoaded',
  'leastLoadedShare',
  'roundRobin',
  'roundRobin',
];
/** The team of equals: no capacities, no hours, no second teams. */
export const EQUALS = 0;
export const STICKY_TEAM = 1;
export const WELSH_TEAM = 3;

/** Teams an agent is a main member of. */
export function teamsOf(index: number): number[] {
  const own = Math.floor(index / 8);
  if (index >= 8 && index < 12) return [own, 2];
  if (index >= 24 && index < 27) return [own, 4];
  return [own];
}

/** What an agent is made of; the equals have nothing that tells them apart. */
export function traitsOf(
  index: number,
): Pick<ModelAgent, 'zone' | 'capacity' | 'channelCapacity' | 'welsh'> {
  if (index < 8) return { zone: null, capacity: null, channelCapacity: {}, welsh: 0 };
  const zones = ['Europe/Berlin', 'America/New_York', 'Asia/Kolkata'];
  return {
    zone: index >= 32 || (index >= 16 && index < 20) ? (zones[index % 3] ?? null) : null,
    capacity: 6 + (index % 9),
    channelCapacity: index % 3 === 0 ? { email: 3 + (index % 4) } : {},
    welsh: index >= 24 && index < 32 ? index % 4 : 0,
  };
}

const readers = new Map<string, Intl.DateTimeFormat>();

/** Nine to one and two to six on weekdays, read off a wall clock. */
function isWithinHours(zone: string, atMs: number): boolean {
  const reader =
    readers.get(zone) ??
    new Intl.DateTimeFormat('en-US', {
      ...{ timeZone: zone, hourCycle: 'h23', weekday: 'short', hour: 'numeric' },
    });
  readers.set(zone, reader);
  const parts = reader.formatToParts(atMs);
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? '';
  const hour = Number(part('hour'));
  return (
    !part('weekday').startsWith('S') && ((hour >= 9 && hour < 13) || (hour >= 14 && hour < 18))
  );
}

/** The same hours as a calendar's definition. */
export const hoursIn = (timeZone: string) => ({
  timeZone,
  hours: Object.fromEntries(
    ['mon', 'tue', 'wed', 'thu', 'fri'].map((day): [string, [string, string][]] => [
      day,
      [
        ['09:00', '13:00'],
        ['14:00', '18:00'],
      ],
    ]),
  ),
});

/** Whether the agent is there. */
export function isThere(agent: ModelAgent, atMs: number): boolean {
  if (agent.toggle === 'away') return false;
  if (agent.ranges.some(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs)) return false;
  return agent.zone === null || isWithinHours(agent.zone, atMs);
}

/** Why the model would not give the ticket to the agent at this instant; null when it would. */
export function objection(agent: ModelAgent, ticket: ModelTicket, atMs: number): string | null {
  if (!agent.teams.includes(ticket.team)) return 'not of the team';
  if (!isThere(agent, atMs)) return 'not there';
  if (agent.welsh < ticket.needsWelsh) return 'no Welsh';
  if (agent.capacity !== null && agent.load >= agent.capacity) return 'full';
  const most = agent.channelCapacity[ticket.channel];
  if (most !== undefined && agent.channelLoad[ticket.channel] >= most) return 'full by channel';
  return null;
}
