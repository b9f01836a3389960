// Turns what a rejected or failed update throws back into the domain's refusal.
import { ApplicationFailure } from '@temporalio/common';
import type { WorkflowUpdateFailedError } from '@temporalio/client';
import type { Refusal } from '#domain/errors.ts';
import type { TicketAnswer } from '#workflows/messages.ts';

/** The answers of a batch that was rejected as a whole, or null when the failure is something else. */
export function refusedAnswers(error: WorkflowUpdateFailedError): TicketAnswer[] | null {
  const { cause } = error;
  if (!(cause instanceof ApplicationFailure)) return null;
  const [answers] = (cause.details ?? []) as [TicketAnswer[]?];
  return Array.isArray(answers) ? answers : null;
}

/** The first refusal of a rejected batch, or null. */
export function refusalOf(error: WorkflowUpdateFailedError): Refusal | null {
  return refusedAnswers(error)?.find((one) => one.refusal !== null)?.refusal ?? null;
}
