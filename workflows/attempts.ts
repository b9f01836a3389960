// How long to wait between attempts to hand something over to a server outside.
const PAUSES_SECONDS = [5, 15, 60, 120, 300, 600, 1200, 1800, 3600] as const;

/** The pause after the attempt of this number, the first being 1. */
export function pauseAfterMs(attempt: number): number {
  return (PAUSES_SECONDS[attempt - 1] ?? 3600) * 1000;
}
