// Acts on tickets. Safe ones show at once and are taken back, with the reason, when the ticket's workflow refuses.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import { toast } from 'sonner';
import { useWordsFor } from '../components/bits.tsx';
import { call } from './client.ts';
import type { Message, Page, Ticket } from './types.ts';

/** What of a ticket can be changed in place. */
export type TicketPatch = Partial<
  Pick<Ticket, 'subject' | 'status' | 'priority' | 'assigneeId' | 'teamId' | 'pipelineId' | 'tags'>
>;

type Lists = [readonly unknown[], InfiniteData<Page<Ticket>> | undefined][];

/** Puts a ticket into every list and page that shows it. */
export function showTicket(client: QueryClient, ticket: Ticket): void {
  client.setQueryData(['ticket', ticket.id], ticket);
  change(client, ticket.id, () => ticket);
}

function change(client: QueryClient, id: number, to: (ticket: Ticket) => Ticket): void {
  client.setQueriesData<InfiniteData<Page<Ticket>>>({ queryKey: ['tickets'] }, (data) =>
    data === undefined
      ? data
      : {
          ...data,
          pages: data.pages.map((page) => ({
            ...page,
            items: page.items.map((one) => (one.id === id ? to(one) : one)),
          })),
        },
  );
}

/** Forgets a ticket that is out of sight, wherever the page keeps it, and asks for it anew where it stands open. */
export function forgetTicket(client: QueryClient, id: number): void {
  client.setQueriesData<InfiniteData<Page<Ticket>>>({ queryKey: ['tickets'] }, (data) =>
    data === undefined
      ? data
      : {
          ...data,
          pages: data.pages.map((page) => ({
            ...page,
            items: page.items.filter((one) => one.id !== id),
          })),
        },
  );
  client.removeQueries({ queryKey: ['around', id] });
  for (const key of ['ticket', 'timeline', 'live']) {
    void client.resetQueries({ queryKey: [key, id] });
  }
}

/** Refreshes all that an act on a ticket may have changed. */
export function refreshTicket(client: QueryClient, id: number): void {
  for (const key of ['ticket', 'timeline', 'live']) {
    void client.invalidateQueries({ queryKey: [key, id] });
  }
  void client.invalidateQueries({ queryKey: ['tickets'] });
  void client.invalidateQueries({ queryKey: ['counts'] });
}

/** Changes a ticket at once on the page, and on the desk; a refusal puts it back. */
export function usePatchTicket() {
  const client = useQueryClient();
  const words = useWordsFor();
  return useMutation({
    mutationFn: ({ id, patch }: { id: number; patch: TicketPatch }) =>
      call<Ticket>('PATCH', `/api/v1/tickets/${id}`, { body: patch }),
    onMutate: async ({ id, patch }) => {
      await client.cancelQueries({ queryKey: ['ticket', id] });
      const before = client.getQueryData<Ticket>(['ticket', id]);
      const lists: Lists = client.getQueriesData({ queryKey: ['tickets'] });
      if (before !== undefined) client.setQueryData(['ticket', id], { ...before, ...patch });
      change(client, id, (one) => ({ ...one, ...patch }));
      return { before, lists };
    },
    onError: (error, { id }, context) => {
      if (context?.before !== undefined) client.setQueryData(['ticket', id], context.before);
      for (const [key, data] of context?.lists ?? []) client.setQueryData(key, data);
      toast.error(words(error));
    },
    onSuccess: (ticket) => showTicket(client, ticket),
    onSettled: (_data, _error, { id }) => refreshTicket(client, id),
  });
}

/** Any other act on a ticket: POST of a verb. */
export function useTicketVerb() {
  const client = useQueryClient();
  const words = useWordsFor();
  return useMutation({
    mutationFn: ({ id, verb, body }: { id: number; verb: string; body: object }) =>
      call<Ticket & { mergeId?: string; ticket?: Ticket }>(
        'POST',
        `/api/v1/tickets/${id}/${verb}`,
        { body },
      ),
    onError: (error) => toast.error(words(error)),
    onSettled: (_data, _error, { id }) => refreshTicket(client, id),
  });
}

/** What is sent from the composer. */
export interface Draft {
  kind: 'reply' | 'note' | 'forward';
  body: string;
  bodyHtml?: string;
  to?: string[];
  cc?: string[];
  bcc?: string[];
  channelId?: string;
  messageId?: string;
  signature?: 'own';
  draftRevision?: number;
  attachmentIds?: string[];
  mentions?: string[];
  sendAt?: string;
  status?: string;
}
const PATHS = { reply: 'replies', note: 'notes', forward: 'forward' } as const;

/** Sends a message once, whatever the network does: the key stays the same until it is accepted. */
export function useSend(ticketId: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ draft: { kind, ...body }, key }: { draft: Draft; key: string }) =>
      call<Message>('POST', `/api/v1/tickets/${ticketId}/${PATHS[kind]}`, {
        body,
        idempotencyKey: key,
      }),
    onSettled: () => refreshTicket(client, ticketId),
  });
}

/** Takes a message back that has not left. */
export function useUndoSend(ticketId: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (messageId: string) => call<Message>('DELETE', `/api/v1/messages/${messageId}`),
    onSettled: () => refreshTicket(client, ticketId),
  });
}
