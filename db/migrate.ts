// Forward-only migration runner: numbered .sql files, one transaction each, recorded with a checksum.
// Two starters at once collide on an advisory lock and the second finds nothing left to do.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { SqlPool } from './sql.ts';

const MIGRATIONS_FOLDER = fileURLToPath(new URL('./migrations/', import.meta.url));
const MIGRATION_LOCK = 7_204_611;

interface MigrationFile {
  number: number;
  name: string;
  text: string;
  checksum: string;
}

/** Reads the migrations in order; throws when numbers have a gap or a double. */
export async function readMigrations(folder: string = MIGRATIONS_FOLDER): Promise<MigrationFile[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted();
  const files: MigrationFile[] = [];
  for (const [index, name] of names.entries()) {
    const number = Number(name.slice(0, 4));
    if (number !== index + 1) {
      throw new Error(`Migration ${name} breaks the numbering: ${index + 1} was expected.`);
    }
    const text = await readFile(`${folder}/${name}`, 'utf8');
    files.push({ number, name, text, checksum: createHash('sha256').update(text).digest('hex') });
  }
  return files;
}

/** Brings the database to the newest schema; throws when an applied file was edited since. */
export async function migrate(
  sql: SqlPool,
  log: (line: string) => void = () => undefined,
  folder: string = MIGRATIONS_FOLDER,
): Promise<{ applied: string[] }> {
  const files = await readMigrations(folder);
  const applied: string[] = [];
  for (const file of files) {
    const ran = await sql.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(${MIGRATION_LOCK})`;
      await tx`create table if not exists schema_migrations (
        number integer primary key, name text not null, checksum text not null,
        applied_at timestamptz not null default now())`;
      const [known] = await tx<{ checksum: string }[]>`
        select checksum from schema_migrations where number = ${file.number}`;
      if (known !== undefined) {
        if (known.checksum !== file.checksum) {
          throw new Error(`Migration ${file.name} was edited after it had been applied.`);
        }
        return false;
      }
      await tx`insert into schema_migrations (number, name, checksum)
        values (${file.number}, ${file.name}, ${file.checksum})`;
      await tx.unsafe(file.text);
      return true;
    });
    if (ran) {
      applied.push(file.name);
      log(`migrated ${file.name}`);
    }
  }
  return { applied };
}
