// A connection that remembers what it was asked, so that a test can look at how Postgres goes about the very statements of the code.
import postgres from 'postgres';
import type { SqlPool } from '#db/sql.ts';
import type { TestDatabase } from './database.ts';

/** A statement as it was sent. */
export interface Asked {
  query: string;
  parameters: unknown[];
}

/** The connection, and its memory. */
export interface WatchedSql {
  sql: SqlPool;
  /** In order; emptied by who wants to see what comes next alone. */
  asked: Asked[];
  /**
   * How Postgres goes about a statement, as it explains it with the given options; throws when there is none. With generic_plan: whatever
   * the parameters are, as where a statement is planned once.
   */
  planOf(one: Asked | undefined, options?: string): Promise<string>;
  end(): Promise<void>;
}

/** Opens one to a test's database. */
export function watchSql(database: TestDatabase): WatchedSql {
  const asked: Asked[] = [];
  const sql = postgres(database.url, {
    max: 1,
    debug: (_connection, query, parameters) => void asked.push({ query, parameters }),
  }) as unknown as SqlPool;
  return {
    ...{ sql, asked },
    async planOf(one, options = '') {
      if (one === undefined) throw new Error('Nothing was asked.');
      const rows = await database.sql.unsafe(
        `explain (${options === '' ? 'costs' : options}) ${one.query}`,
        options.includes('generic_plan') ? [] : (one.parameters as never[]),
      );
      return rows.map((row) => String(row['QUERY PLAN'])).join('\n');
    },
    end: () => sql.end(),
  };
}
