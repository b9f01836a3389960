// npm run migrate: brings the database of DATABASE_URL to the newest schema.
import { migrate } from '#db/migrate.ts';
import { createSql } from '#db/sql.ts';

const url = process.env['DATABASE_URL'];
if (url === undefined || url === '') {
  console.error('Set DATABASE_URL to the Postgres that is to be migrated.');
  process.exit(1);
}
const sql = createSql(url, { maxConnections: 1 });
try {
  const { applied } = await migrate(sql, (line) => console.log(line));
  console.log(
    applied.length === 0 ? 'The database is up to date.' : `${applied.length} migrations applied.`,
  );
} catch (error) {
  console.error(`Migration failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  await sql.end();
}
