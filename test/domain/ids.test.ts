// Workflow ids can be typed by a person and read back, and never name two things.
import { describe, expect, it } from 'vitest';
import {
  assignQueueWorkflowId,
  deliverWorkflowId,
  mailboxWorkflowId,
  mergeWorkflowId,
  ticketIdOfWorkflow,
  ticketWorkflowId,
} from '#domain/ids.ts';

describe('workflow ids', () => {
  it.for([1, 42, 999_999_999_999])('of ticket %d is read back', (id) => {
    expect(ticketIdOfWorkflow(ticketWorkflowId(id))).toBe(id);
  });

  it.for([
    ...['merge-42', 'ticket-', 'ticket-0', 'ticket-042', 'ticket--1', 'ticket-4x', 'ticket-4.5'],
    ...[
      'xticket-4',
      ' ticket-4',
      'ticket-4\n',
      'ticket-1e3',
      'Ticket-4',
      'ticket-99999999999999999',
      '',
    ],
  ])('%j names no ticket', (other) => {
    expect(ticketIdOfWorkflow(other)).toBeNull();
  });

  it('say what they are for, and different things never share one', () => {
    const ids = [
      ticketWorkflowId(7),
      mergeWorkflowId(7),
      deliverWorkflowId('7'),
      assignQueueWorkflowId('7'),
      mailboxWorkflowId('7'),
    ];
    expect(ids).toEqual(['ticket-7', 'merge-7', 'deliver-7', 'assign-queue-7', 'mailbox-7']);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
