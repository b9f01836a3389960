// The way into a desk that npm start did not seed, and back into one whose keys are lost: an admin by email, with an API key and a new
// password, both printed once; their sessions and their second factor end. Needs DATABASE_URL; whoever has that may do anything anyway.
import { createHash, randomBytes } from 'node:crypto';
import { hashPassword } from '#accounts/passwords.ts';
import { putPassword, removeSecondFactor } from '#db/accounts.ts';
import { inNameOf } from '#db/audit.ts';
import { insertApiKey, insertUser, listUsers } from '#db/people.ts';
import { createSql } from '#db/sql.ts';
import type { SqlPool } from '#db/sql.ts';

async function main(): Promise<void> {
  const url = process.env['DATABASE_URL'];
  const [address, name] = process.argv.slice(2);
  if (url === undefined || url === '') throw new Error('Set DATABASE_URL to the desk’s Postgres.');
  if (address === undefined || !/^[^\s@]+@[^\s@]+$/.test(address)) {
    throw new Error('Say whose admin key it is: create-admin.ts <email> [name]');
  }
  const sql = createSql(url, { maxConnections: 1 });
  try {
    const userId = await adminOf(sql, address, name ?? address);
    const key = `hf_${randomBytes(32).toString('base64url')}`;
    await insertApiKey(sql, {
      userId,
      name: 'create-admin',
      tokenHash: createHash('sha256').update(key).digest(),
      tokenStart: key.slice(0, 8),
      scopes: ['read', 'write', 'admin'],
    });
    const password = randomBytes(12).toString('base64url');
    const passwordHash = await hashPassword(password);
    await inNameOf(sql, { type: 'system' }, async (tx) => {
      await removeSecondFactor(tx, userId);
      await putPassword(tx, { userId, passwordHash });
    });
    console.log(`API key   ${key}\nPassword  ${password}`);
  } finally {
    await sql.end();
  }
}

/** The admin of that address, made when nobody has it; throws when somebody else has. */
async function adminOf(sql: SqlPool, email: string, name: string): Promise<string> {
  const made = await insertUser(sql, {
    ...{ name, email, role: 'admin', seat: true, active: true, capacity: null },
    ...{ skills: [], availability: 'away', workingHours: null },
  });
  if (made !== undefined) return made.id;
  const known = (await listUsers(sql)).find(
    (user) => user.email.toLowerCase() === email.toLowerCase(),
  );
  if (known?.role !== 'admin' || !known.active) {
    throw new Error(`${email} belongs to somebody who is not an active admin.`);
  }
  return known.id;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
