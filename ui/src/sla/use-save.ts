// Saving a draft: made once whatever the network does, replaced only where it was begun, and read anew afterwards.
import { useMutation } from '@tanstack/react-query';
import { useRef } from 'react';
import { ApiError, call } from '../api/client.ts';
import { useRefresh } from './queries.ts';

/** Saves content as the next version of `base`; id null makes a new thing. */
export function useSave<Saved extends { id: string; version: number }>(
  path: string,
  id: string | null,
) {
  const refresh = useRefresh();
  const key = useRef(crypto.randomUUID());
  return useMutation({
    mutationFn: ({ content, base, reason }: { content: object; base: number; reason: string }) => {
      const why = reason.trim();
      const body = { ...content, ...(why === '' ? {} : { reason: why }) };
      return id === null
        ? call<Saved>('POST', path, { body, idempotencyKey: key.current })
        : call<Saved>('PUT', `${path}/${id}`, { body, ifMatch: base });
    },
    onError: (error) => {
      // What was refused made nothing, so the next try is another request; without an answer it stays the same one.
      if (error instanceof ApiError && error.status >= 400 && error.status < 500)
        key.current = crypto.randomUUID();
    },
    onSettled: () => refresh(path, id ?? undefined),
  });
}

/** What the desk says is wrong with one field. */
export const errorsAt =
  (error: unknown) =>
  (pointer: string): string | undefined =>
    error instanceof ApiError
      ? error.errors.find((one) => one.pointer === pointer)?.message
      : undefined;
