// Whoever rests on a row is about to open it: what its page shows first is on its way before the click.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { prefetchTicket } from '../api/queries.ts';

/** A mouse that only passes over a row stays shorter than this. */
const REST_MS = 60;

/** What a row listens to; each ticket is asked for at most as often as its answer is old. */
export function useLookAhead(): (id: number) => {
  onPointerEnter: () => void;
  onPointerLeave: () => void;
  onPointerDown: () => void;
} {
  const client = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (id) => ({
    onPointerEnter: () => {
      clearTimeout(timer.current);
      timer.current = setTimeout(() => prefetchTicket(client, id), REST_MS);
    },
    onPointerLeave: () => clearTimeout(timer.current),
    onPointerDown: () => prefetchTicket(client, id),
  });
}
