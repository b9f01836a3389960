// Puts all activities together: the only export workers need.
import type { Client } from '@temporalio/client';
import type { SqlPool } from '#db/sql.ts';
import type { TicketClient, TicketQueues } from '#temporal/ticket-client.ts';
import { availabilityActivities } from './availability.ts';
import { bulkActivities } from './bulk.ts';
import { closeWarningActivities } from './close-warning.ts';
import type { ActivityContract } from './contract.ts';
import { accountMailActivities } from './account-mails.ts';
import { deliveryActivities } from './delivery.ts';
import type { SendMail } from './delivery.ts';
import { DeskRulesCache } from './desk-rules.ts';
import { mailboxActivities } from './mailbox.ts';
import type { ReadMailbox } from './mailbox.ts';
import { mergeActivities } from './merging.ts';
import { messengerActivities } from './messenger.ts';
import { noticeMailActivities } from './notice-mail.ts';
import { projectionActivities } from './projection.ts';
import { reconcileActivities } from './reconcile.ts';
import { simulationActivities } from './simulation.ts';
import { rolloutActivities } from './rollout.ts';
import { assigningActivities } from './routing.ts';
import { stepNoticeActivities } from './step-notices.ts';
import type { PostWebhook } from './step-notices.ts';

/** What activities work with. */
export interface ActivityDeps {
  sql: SqlPool;
  client: Client;
  tickets: TicketClient;
  queues: TicketQueues;
  sendMail: SendMail;
  readMailbox: ReadMailbox;
  postWebhook: PostWebhook;
  /** Where people open the desk, for notices. */
  publicUrl: string;
}

/** Every activity, bound to the world. */
export function createActivities(deps: ActivityDeps): ActivityContract {
  const { sql, client, tickets, queues } = deps;
  const rules = new DeskRulesCache(sql);
  return {
    ...projectionActivities({ sql, rules }),
    ...deliveryActivities(sql, deps.sendMail),
    ...stepNoticeActivities(deps),
    ...accountMailActivities(sql, deps.sendMail, deps.publicUrl),
    ...noticeMailActivities(deps),
    ...messengerActivities(tickets),
    ...closeWarningActivities(sql),
    ...mergeActivities(sql, tickets),
    ...assigningActivities(sql),
    ...availabilityActivities(sql),
    ...reconcileActivities({ sql, client, tickets, queues }),
    ...mailboxActivities(deps.readMailbox),
    ...bulkActivities({ sql, client, tickets }),
    ...rolloutActivities({ sql, rules, tickets }),
    ...simulationActivities(sql, rules),
  };
}
