// The one place that configures postgres.js. Nothing else in the project opens a connection pool.
import postgres from 'postgres';
import { createLanes } from './lanes.ts';

/** A pool or a transaction: every statement takes one, so callers decide the transaction. */
export type Sql = postgres.Sql | postgres.TransactionSql;

/** The pool itself, for the few callers that begin transactions, listen or close. */
export type SqlPool = postgres.Sql;

/** A value that can stand in a jsonb parameter. */
export type Json = postgres.JSONValue;

/** One page of a list that is ordered by a key and, where keys are equal, by id: what comes after the given place. */
export interface ListPage {
  limit: number;
  after: { key: string | number | null; id: string } | null;
}

/** "and (key, id) > place" for a page that is not the first, on columns of the names given; id stands beside key. */
export function behind(
  sql: Sql,
  key: string,
  page: ListPage | undefined,
): postgres.PendingQuery<[]> {
  const after = page?.after ?? null;
  if (after === null) return sql``;
  const id = key.includes('.') ? `${key.slice(0, key.indexOf('.'))}.id` : 'id';
  const wanted =
    typeof after.key === 'number' ? sql`${after.key}::integer` : sql`${after.key}::text`;
  return sql`and (${sql(key)}, ${sql(id)}) > (${wanted}, ${after.id}::uuid)`;
}

/** Options of createSql: pool sizes, the name operators see in pg_stat_activity. */
export interface SqlOptions {
  /** For statements outside transactions, which share them. */
  maxConnections?: number;
  /** For transactions, beside those; as many when it is not said. */
  maxTransactions?: number;
  /** For statements that are planned once, beside those; as many when it is not said. */
  maxPlanned?: number;
  applicationName?: string;
  /** Has every statement planned once, as `planned` does some: for processes that ask for no lists. */
  plansOnce?: boolean;
}

/** How Postgres plans the statements of a connection: each time for its values, or once for any values. */
type Planning = 'force_custom_plan' | 'force_generic_plan';

/** Beside each pool, the one whose statements are planned once. */
const plannedBeside = new WeakMap<object, SqlPool>();

/**
 * Where statements that find and write by keys are planned once per connection: planning one takes three times as long as running it,
 * and its best way is the same for all keys. Not for lists and search, whose best way depends on what is asked: planned for any values
 * there might be, the figures of fifteen views took 1,700 ms instead of 110. Transactions plan so, but for what `planForValues` is said of.
 */
export function planned(sql: Sql): Sql {
  return plannedBeside.get(sql) ?? sql;
}

/** Has what comes in this transaction planned for its values each time: for lists and searches. */
export async function planForValues(tx: Sql): Promise<void> {
  await tx`select set_config('plan_cache_mode', 'force_custom_plan', true)`;
}

/** Opens a pool on the given URL. bigint columns arrive as numbers: every bigint of ours stays below 2^53. */
export function createSql(url: string, options: SqlOptions = {}): SqlPool {
  const { maxConnections = 10, maxTransactions = maxConnections } = options;
  const { plansOnce = false, maxPlanned = maxConnections } = options;
  const planning = plansOnce ? 'force_generic_plan' : 'force_custom_plan';
  const pool = open(url, options, maxConnections, planning);
  const beside = plansOnce ? null : open(url, options, maxPlanned, 'force_generic_plan');
  if (beside !== null) plannedBeside.set(pool, beside);
  const lanes = createLanes(() => open(url, options, 1, 'force_generic_plan'), maxTransactions);
  const endStatements = pool.end.bind(pool);
  type Change = (tx: postgres.TransactionSql) => unknown;
  return Object.assign(pool, {
    begin: (first: string | Change, second?: Change) =>
      typeof first === 'string' ? lanes.begin(first, second as Change) : lanes.begin('', first),
    async end(within?: { timeout?: number }) {
      await Promise.all([endStatements(within), beside?.end(within), lanes.end(within)]);
    },
  }) as SqlPool;
}

function open(url: string, options: SqlOptions, max: number, planning: Planning): SqlPool {
  return postgres(url, {
    max,
    idle_timeout: 60,
    connect_timeout: 10,
    onnotice: () => undefined,
    connection: {
      ...{ application_name: options.applicationName ?? 'holdfast', TimeZone: 'UTC' },
      plan_cache_mode: planning,
    },
    types: {
      bigint: {
        to: 20,
        from: [20],
        serialize: (value: number) => String(value),
        parse: (text: string) => Number(text),
      },
    },
  }) as unknown as SqlPool;
}

/** Marks a value for a jsonb parameter; interfaces have no index signature, so the cast lives here once. */
export function json(sql: Sql, value: unknown): postgres.Parameter {
  return sql.json(value as Json);
}

/** Whether the database refused a statement because another row refers to what it would remove. */
export function breaksReference(error: unknown): boolean {
  return ((error ?? {}) as { code?: unknown }).code === '23503';
}

const CANCELLED = '57014';

/** Reads in a transaction of its own whose statements may take so long each, planned for their values; null when one took longer. */
export async function readWithin<T>(
  sql: SqlPool,
  withinMs: number,
  read: (tx: Sql) => Promise<T>,
): Promise<T | null> {
  try {
    const { value } = await sql.begin('read only', async (tx) => {
      await tx`select set_config('statement_timeout', ${String(withinMs)}, true),
        set_config('plan_cache_mode', 'force_custom_plan', true)`;
      return { value: await read(tx) };
    });
    return value;
  } catch (error) {
    if (((error ?? {}) as { code?: unknown }).code === CANCELLED) return null;
    throw error;
  }
}
