// The order of policies: new places for as few of them as an order needs, since each new place is a new version.

/** Room left between places that are given anew, so that the next move needs but one. */
const GAP = 10;

interface Placed {
  id: string;
  position: number;
}

/** The list with one member moved. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const one = list[from];
  if (one === undefined || to < 0 || to >= list.length) return [...list];
  const others = list.filter((_, index) => index !== from);
  return [...others.slice(0, to), one, ...others.slice(to)];
}

/** Which members need which new place to stand in this order. Those of the longest rising run stay where they are, when there is room between them. */
export function newPlaces(order: readonly Placed[]): Placed[] {
  const stays = risingRun(order);
  const changes: Placed[] = [];
  let before = -1;
  for (const [index, { id, position }] of order.entries()) {
    if (stays.has(index) && position > before) {
      before = position;
      continue;
    }
    const next = order.findIndex((_, at) => at > index && stays.has(at));
    const ceiling = next === -1 ? Infinity : (order[next]?.position ?? Infinity);
    const between = (next === -1 ? order.length : next) - index;
    const room = Math.floor((ceiling - before) / (between + 1));
    const place = before + Math.max(1, Math.min(GAP, room));
    if (place !== position) changes.push({ id, position: place });
    before = place;
  }
  return changes;
}

/** Indexes of a longest run of rising places. */
function risingRun(order: readonly Placed[]): Set<number> {
  const runs: number[][] = [];
  for (const [index, { position }] of order.entries()) {
    const best = runs
      .filter((run) => (order[run.at(-1) ?? 0]?.position ?? 0) < position)
      .toSorted((a, b) => b.length - a.length)[0];
    runs.push([...(best ?? []), index]);
  }
  return new Set(runs.toSorted((a, b) => b.length - a.length)[0]);
}
