// Workflow ids can be typed by a person and read back.
import { expect, it } from 'vitest';
import { ticketIdOfWorkflow, ticketWorkflowId } from '#domain/ids.ts';

it('a ticket’s workflow id names its ticket and nothing else does', () => {
  expect(ticketIdOfWorkflow(ticketWorkflowId(42))).toBe(42);
  for (const other of ['merge-42', 'ticket-', 'ticket-0', 'ticket-4x', 'xticket-4']) {
    expect(ticketIdOfWorkflow(other)).toBeNull();
  }
});
