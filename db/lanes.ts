// Transactions on connections of their own. On connections that it shares, postgres.js 3.4 sends a transaction's BEGIN behind other
// statements, and does not hold the connection when BEGIN is the one that fills it (porsager/postgres issues 823 and 1189): the
// statements of others then run inside that transaction and are lost with it. On a pool of one connection that nobody else uses there
// is nothing to forget.
import type postgres from 'postgres';

type Transaction<T> = (tx: postgres.TransactionSql) => T | Promise<T>;

const LEARNS_WITHIN_MS = 1_000;

/** Begins transactions, each alone on its connection; those that find none free wait their turn. */
export interface Lanes {
  begin<T>(options: string, change: Transaction<T>): Promise<T>;
  end(options?: { timeout?: number }): Promise<void>;
}

/** Lanes that are opened one by one as they are needed, at most so many; `open` makes a pool of one connection. */
export function createLanes(open: () => postgres.Sql, atMost: number): Lanes {
  const all = new Set<postgres.Sql>();
  const free: postgres.Sql[] = [];
  const waiting: ((lane: postgres.Sql) => void)[] = [];
  let ended = false;
  const take = async (): Promise<postgres.Sql> => {
    if (ended) throw Object.assign(new Error('The pool has ended.'), { code: 'CONNECTION_ENDED' });
    const lane = free.pop();
    if (lane !== undefined) return lane;
    if (all.size < atMost) {
      const opened = open();
      all.add(opened);
      return opened;
    }
    return await new Promise((resolve) => waiting.push(resolve));
  };
  const giveBack = (lane: postgres.Sql): void => {
    const next = waiting.shift();
    if (next === undefined) free.push(lane);
    else next(lane);
  };
  // One that lost its connection would answer its next transaction with the error of this one.
  const replace = (lane: postgres.Sql): void => {
    // After the end nothing is opened any more: who still waits gets a lane that says so.
    if (ended) return giveBack(lane);
    all.delete(lane);
    void lane.end({ timeout: 0 });
    const next = waiting.shift();
    if (next === undefined) return;
    const opened = open();
    all.add(opened);
    next(opened);
  };
  return {
    async begin<T>(options: string, change: Transaction<T>) {
      const lane = await take();
      try {
        const made = (await lane.begin(options, (tx) => withoutRollbackWhenLost(tx, change))) as T;
        giveBack(lane);
        return made;
      } catch (error) {
        if (isLost(error)) replace(lane);
        else giveBack(lane);
        throw error;
      }
    },
    async end(options) {
      ended = true;
      await Promise.all([...all].map((lane) => lane.end(options)));
    },
  };
}

/**
 * Of a connection that is lost, `begin` learns by itself and fails. It would also send a ROLLBACK to it when the change fails of the
 * same cause, which ends the whole process by an uncaught error; so the change comes back only when the lane is replaced.
 */
async function withoutRollbackWhenLost<T>(
  tx: postgres.TransactionSql,
  change: Transaction<T>,
): Promise<T> {
  try {
    return await change(tx);
  } catch (error) {
    // What else a change talks to may be gone too: only the errors of statements name a query.
    if (isLost(error) && 'query' in (error as object)) await learnt();
    throw error;
  }
}

/** Long enough for `begin` to have learnt of a lost connection, which takes it no more than the socket's next turn. */
async function learnt(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, LEARNS_WITHIN_MS).unref());
}

/** Whether an error says that the connection is gone: postgres.js' words, the socket's, or the server's last. */
function isLost(error: unknown): boolean {
  const { code = '' } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' && /^(CONNECT|ECONN|EPIPE|08|53300|57P0)/.test(code);
}
