// Keeps the desk's rules in memory per process; reads them again when the revision has moved.
import { loadDeskRules } from '#db/desk-rules.ts';
import type { SqlPool } from '#db/sql.ts';
import type { DeskRules } from '#domain/ticket-rules.ts';

/** The newest rules this process has read. */
export class DeskRulesCache {
  private readonly sql: SqlPool;
  private newest: DeskRules | null = null;
  private reading: Promise<DeskRules> | null = null;

  constructor(sql: SqlPool) {
    this.sql = sql;
  }

  /** Rules of at least the given revision. Callers that come together share one read. */
  async at(revision: number): Promise<DeskRules> {
    while (this.newest === null || this.newest.revision < revision) {
      this.reading ??= loadDeskRules(this.sql).finally(() => {
        this.reading = null;
      });
      this.newest = await this.reading;
    }
    return this.newest;
  }
}
