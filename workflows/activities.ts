// Every activity a workflow may call, with its timeouts and retries in one place, and the types of the activity contract.
import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { ActivityContract } from '#activities/contract.ts';

/** The read model's writer in the fast path: no task-queue hop, one marker event. */
export const localProjection = proxyLocalActivities<
  Pick<ActivityContract, 'projectTicket' | 'openTicket' | 'checkRules'>
>({
  startToCloseTimeout: '4s',
  scheduleToCloseTimeout: '8s',
  retry: { maximumAttempts: 3, initialInterval: '100ms' },
});

/** The same, when Postgres does not answer in time: retried until it does, and visible as a pending activity. */
export const projection = proxyActivities<
  Pick<ActivityContract, 'projectTicket' | 'openTicket' | 'checkRules'>
>({
  startToCloseTimeout: '10s',
  retry: { initialInterval: '500ms', maximumInterval: '10s' },
});

/** One attempt to send; the workflow owns the retries, so that an operator sees when the next one is. */
export const delivery = proxyActivities<
  Pick<ActivityContract, 'sendMessage' | 'giveUpMessage' | 'cancelMessage'>
>({
  taskQueue: 'delivery',
  startToCloseTimeout: '3m',
  retry: { initialInterval: '1s', maximumInterval: '30s' },
});

/** One attempt to send a notice of an escalation; retries as for deliveries. */
export const noticing = proxyActivities<
  Pick<
    ActivityContract,
    'sendStepNotice' | 'giveUpStepNotice' | 'sendNoticeMail' | 'giveUpNoticeMail'
  >
>({
  taskQueue: 'delivery',
  startToCloseTimeout: '3m',
  retry: { initialInterval: '1s', maximumInterval: '30s' },
});

/** One attempt to send a mail of an account; retries as for deliveries. */
export const accountMailing = proxyActivities<
  Pick<ActivityContract, 'sendAccountMail' | 'giveUpAccountMail'>
>({
  taskQueue: 'delivery',
  startToCloseTimeout: '3m',
  retry: { initialInterval: '1s', maximumInterval: '30s' },
});

/** Messages from workflow to workflow through the client: retried for ever, idempotent by their ids. */
export const messenger = proxyActivities<
  Pick<ActivityContract, 'reportDelivery' | 'passMessageOn' | 'tellAssigned'>
>({
  startToCloseTimeout: '15s',
  retry: { initialInterval: '500ms', maximumInterval: '15s' },
});

/** Stores the mail a ticket has decided to send by itself, before its delivery starts. */
export const warning = proxyActivities<Pick<ActivityContract, 'writeCloseWarning'>>({
  startToCloseTimeout: '15s',
  retry: { initialInterval: '500ms', maximumInterval: '30s' },
});

/** Steps of a merge: each is an update on one of the two tickets. */
export const merging = proxyActivities<
  Pick<ActivityContract, 'mergeStep' | 'readMergePayload' | 'recordMerge'>
>({
  startToCloseTimeout: '20s',
  retry: { initialInterval: '300ms', maximumInterval: '10s' },
});

/** One batch of waiting tickets matched with free agents. */
export const assigning = proxyActivities<Pick<ActivityContract, 'assignWaitingTickets'>>({
  startToCloseTimeout: '20s',
  retry: { initialInterval: '200ms', maximumInterval: '10s' },
});

/** A look at somebody's availability, and what follows from a change. */
export const attending = proxyActivities<Pick<ActivityContract, 'lookAtAvailability'>>({
  startToCloseTimeout: '20s',
  retry: { initialInterval: '500ms', maximumInterval: '15s' },
});

/** The reconciler's look at one kind of drift. */
export const reconciling = proxyActivities<Pick<ActivityContract, 'reconcileDesk'>>({
  startToCloseTimeout: '12h',
  heartbeatTimeout: '30s',
  retry: { initialInterval: '2s', maximumInterval: '1m' },
});

/** A batch of a bulk change: an update on each of its tickets, heartbeating; taken over within seconds when a worker dies. */
export const bulkChanging = proxyActivities<
  Pick<ActivityContract, 'applyBulkBatch' | 'finishBulk'>
>({
  startToCloseTimeout: '10m',
  heartbeatTimeout: '10s',
  retry: { initialInterval: '500ms', maximumInterval: '30s' },
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
});

/** Steps of a rollout: planning reads every open ticket, a batch waits until its tickets follow. */
export const rollingOut = proxyActivities<
  Pick<ActivityContract, 'planRollout' | 'tellRolloutBatch' | 'finishRollout'>
>({
  startToCloseTimeout: '10m',
  heartbeatTimeout: '20s',
  retry: { initialInterval: '500ms', maximumInterval: '30s' },
});

/** A look through many tickets, heartbeating its answer so far. */
export const simulating = proxyActivities<
  Pick<ActivityContract, 'runSimulation' | 'failSimulation'>
>({
  startToCloseTimeout: '30m',
  heartbeatTimeout: '20s',
  retry: { initialInterval: '1s', maximumInterval: '30s', maximumAttempts: 20 },
});

/** Reads one mailbox until told to stop; heartbeats carry where it stands. */
export const mailboxReading = proxyActivities<Pick<ActivityContract, 'readMailbox'>>({
  taskQueue: 'mailbox',
  startToCloseTimeout: '24h',
  heartbeatTimeout: '40s',
  retry: { initialInterval: '2s', maximumInterval: '1m' },
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
});
