// What the preview of a change of availability takes and answers.
import { z } from '@hono/zod-openapi';
import { ROUTING_STRATEGIES } from '#domain/routing.ts';
import { CalendarSchema } from '#domain/sla-policy-schema.ts';
import { At, Instant, Uuid } from '../schemas.ts';
import { NewRange } from './out-of-office.ts';
import { CandidateVerdict } from './routing-schemas.ts';

/** How far ahead the comings and goings are told, how many of them, and how many tickets stand for all. */
export const AHEAD_DAYS = 14;
export const MOST_CHANGES = 50;
export const SAMPLE = 50;
export const MOST_TEAMS = 50;

const Availability = z.enum(['available', 'away']);
/** A change of somebody's availability that is not saved. */
export const AvailabilityDraft = z
  .strictObject({
    availability: Availability.optional().openapi({
      description: 'The toggle, as PUT /users/{id}/availability sets it.',
    }),
    workingHours: CalendarSchema.nullable().optional().openapi({
      description: 'Weekly hours in place of the present ones; null for none.',
    }),
    outOfOffice: z.array(NewRange).max(50).optional().openapi({
      description: 'Ranges that would be added, each as POST /users/{id}/out-of-office takes it.',
    }),
    outOfOfficeRemoved: z.array(Uuid).max(200).optional().openapi({
      description: 'Ids of ranges that would be taken back.',
    }),
    active: z.boolean().optional().openapi({ description: 'False: they leave the desk.' }),
    at: Instant.optional().openapi({
      description:
        'When it would be saved; now when absent. Not in the past, and at most 90 days ahead.',
    }),
  })
  .openapi('AvailabilityDraft', { description: 'What is absent stays as it is.' });

const Outlook = z.strictObject({
  availability: Availability,
  reason: z.string(),
  until: At.nullable().openapi({
    description: 'When it turns by itself; null when only a save turns it.',
  }),
  changes: z
    .array(z.strictObject({ at: At, availability: Availability, reason: z.string() }))
    .openapi({
      description: `Comings and goings of the next ${AHEAD_DAYS} days, at most ${MOST_CHANGES}.`,
    }),
  ticketsGoBackAt: At.nullable().openapi({
    description: `When open tickets held now go back to their team's queue; null when they do not in ${AHEAD_DAYS} days.`,
  }),
});
const Ticket = z.strictObject({
  ticketId: z.number().int(),
  subject: z.string(),
  teamId: z.string().nullable(),
  teamName: z.string().nullable(),
});

/** Why a ticket stays with somebody. */
export const STAYS = [
  'settingIsOff',
  'notAway',
  'backInTime',
  'handedBackBefore',
  'waitsForRequester',
  'noTeam',
] as const;
/** How each reads. */
export const STAY_WORDS: Record<(typeof STAYS)[number], string> = {
  settingIsOff: 'The setting awayReassign is off: tickets stay with who is away.',
  notAway: `They are not away in the next ${AHEAD_DAYS} days.`,
  backInTime: 'They are back each time before the delay of awayReassign has passed.',
  handedBackBefore:
    'Tickets went back in this absence already; what they have got since stays with them.',
  waitsForRequester:
    'It waits for its requester; the setting reopenedWhenAway decides when they write.',
  noTeam: 'It has no team, and its assignee is a main member of none.',
};
const Stay = z.enum(STAYS);

const Team = z.strictObject({
  teamId: z.string(),
  name: z.string(),
  strategy: z.enum(ROUTING_STRATEGIES).openapi({
    description: 'With "manual" nobody is given a ticket by itself, whoever is eligible.',
  }),
  tickets: z.number().int().openapi({ description: 'How many of their tickets go back to it.' }),
  checkedAt: At.openapi({
    description:
      'The instant the candidates are judged at: when the tickets go back, else when the person goes away, else when it is saved.',
  }),
  eligible: z.strictObject({ before: z.number().int(), after: z.number().int() }).openapi({
    description: 'How many could take a ticket then: as things stand, and with the draft.',
  }),
  nobodyLeft: z.boolean(),
  candidates: z.array(CandidateVerdict).openapi({
    description:
      'With the draft, by the load of today; skills that single tickets ask for are left out.',
  }),
});

/** What it would do. */
export const AvailabilityPreview = z
  .strictObject({
    userId: z.string(),
    at: At,
    before: Outlook.openapi({ description: 'As things stand.' }),
    after: Outlook.openapi({ description: 'With the draft.' }),
    awayReassign: z.strictObject({ enabled: z.boolean(), afterSeconds: z.number().int() }),
    goBack: z.strictObject({
      count: z.number().int(),
      at: At.nullable(),
      reason: z.string().nullable(),
      sample: z.array(Ticket),
    }),
    stay: z.strictObject({
      count: z.number().int(),
      byReason: z.array(
        z.strictObject({ reason: Stay, text: z.string(), count: z.number().int() }),
      ),
      sample: z.array(z.strictObject({ ...Ticket.shape, reason: Stay })),
    }),
    teams: z.array(Team).openapi({
      description: `Teams that tickets go back to, and those the person is a main member of; at most ${MOST_TEAMS}.`,
    }),
    queuesWithNobody: z.array(z.string()).openapi({
      description: 'Ids of the teams above in which nobody could take a ticket then.',
    }),
  })
  .openapi('AvailabilityPreview');
