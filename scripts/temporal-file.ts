// The file of Temporal's dev server, made leaner than the server makes it. On the list of workflows the server keeps 58 indexes and two
// full-text indexes, all of which SQLite writes anew whenever one search attribute of a ticket changes: half of what that takes the server.
import { access, copyFile, mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import sqlite from 'node-sqlite3-wasm';
import { cacheFolder } from './temporal-cli.ts';

const { Database } = sqlite;

/** Order of the list and of every search, and a workflow found by its id. All else is read through: 1.5 µs for each workflow there is. */
const KEPT_INDEXES = new Set(['default_idx', 'by_workflow_id']);
const LIST = 'executions_visibility';
const AFTER_UPDATE = 'executions_visibility_au';

/**
 * Puts a lean file at the path of a server that has none yet, from a copy that is made once for a machine and kept in the cache under
 * the name given. A file that is there is left alone: another SQLite than the server's own never writes in the file of a living desk.
 * When none can be made or kept the server makes its own, which is slower and nothing else.
 */
export async function placeLeanFile(
  path: string,
  options: { name(): Promise<string>; make(path: string): Promise<void>; say(line: string): void },
): Promise<void> {
  if (await exists(path)) return;
  const making = `${path}.making`;
  try {
    const kept = join(cacheFolder(), await options.name());
    if (!(await exists(kept))) {
      await mkdir(making, { recursive: true });
      const made = join(making, basename(path));
      await options.make(made);
      await mkdir(cacheFolder(), { recursive: true });
      await copyWhole(made, kept);
    }
    // The log of a file that somebody has deleted would be played into this one.
    for (const rest of ['-wal', '-shm', '-journal']) await rm(`${path}${rest}`, { force: true });
    await copyWhole(kept, path);
  } catch (error) {
    const { message } = error as Error;
    options.say(`Temporal's file stays as the server makes it, which is slower: ${message}`);
  } finally {
    await rm(making, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Copies a file so that nobody ever finds half of it, whatever happens meanwhile; the folders may lie on different disks. */
async function copyWhole(from: string, to: string): Promise<void> {
  const part = `${to}.${process.pid}.part`;
  try {
    await copyFile(from, part);
    const file = await open(part, 'r+');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, to);
  } finally {
    await rm(part, { force: true }).catch(() => undefined);
  }
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

/**
 * Removes from a file whose server has ended the indexes that cost more with each change than they save a search now and then, and
 * has the full-text indexes written only when what they hold has changed. What the server finds stays the same.
 */
export function leanFile(path: string): void {
  const database = new Database(path);
  try {
    const dear = texts(
      database.all(
        `select name as text from sqlite_master where type = 'index' and tbl_name = '${LIST}' and sql is not null`,
      ),
    ).filter((name) => !KEPT_INDEXES.has(name));
    const triggers = texts(
      database.all(`select sql as text from sqlite_master where name = '${AFTER_UPDATE}'`),
    );
    database.exec('begin');
    for (const name of dear) database.exec(`drop index ${name}`);
    for (const trigger of triggers) database.exec(onlyWhenChanged(trigger));
    database.exec('commit');
  } finally {
    database.close();
  }
}

function texts(rows: readonly Record<string, unknown>[]): string[] {
  return rows.flatMap(({ text }) => (typeof text === 'string' ? [text] : []));
}

/** The statements that put the same trigger in place, on the condition that one of the columns it writes has changed. */
function onlyWhenChanged(trigger: string): string {
  const columns = new Set([...trigger.matchAll(/OLD\.(\w+)/g)].map(([, column]) => column ?? ''));
  columns.delete('rowid');
  const changed = [...columns].map((column) => `OLD.${column} IS NOT NEW.${column}`).join(' OR ');
  const conditional = trigger.replace(/\bBEGIN\b/, `WHEN ${changed} BEGIN`);
  return `drop trigger ${AFTER_UPDATE}; ${conditional};`;
}
