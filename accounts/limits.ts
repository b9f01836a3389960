// How often one account may be tried, from wherever: kept in Postgres, so that it holds over all processes of the API. What one
// address may try is counted by better-auth itself.
import { createHash } from 'node:crypto';
import type pg from 'pg';
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import { answer, objectOf } from './doors.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const MAX_FAILED_TRIES = 10;
const FORGIVEN_AFTER_SECONDS = 15 * MINUTE;
const MAX_RESET_MAILS_PER_HOUR = 3;

/** Counts of accounts. */
export interface AccountLimits {
  /** Answers a sign-in by password, unless its account failed too often lately; who signs in is forgiven. */
  signIn(request: Request, next: (request: Request) => Promise<Response>): Promise<Response>;
  /** Lets an account be tried again: its password has just been replaced by somebody who reads its mail. */
  forgive(email: string): Promise<void>;
  /** Whether another mail with a link may go to this account now. */
  mayMailReset(userId: string): Promise<boolean>;
}

/** The limits of one process, over the tables that all share. */
export function accountLimits(pool: pg.Pool): AccountLimits {
  const shared = { storeClient: pool, schemaName: 'auth', tableName: 'sign_in_tries' };
  const stored = { ...shared, tableCreated: true, clearExpiredByTimeout: false };
  const tries = new RateLimiterPostgres({
    ...{ ...stored, keyPrefix: 'signIn' },
    ...{ points: MAX_FAILED_TRIES, duration: FORGIVEN_AFTER_SECONDS },
  });
  const mails = new RateLimiterPostgres({
    ...{ ...stored, keyPrefix: 'reset', points: MAX_RESET_MAILS_PER_HOUR, duration: HOUR },
  });
  return {
    async signIn(request, next) {
      const body = await objectOf(request);
      if (body === null) return answer(400, 'BAD_REQUEST', 'Send a JSON object.');
      const account = keyOf(typeof body['email'] === 'string' ? body['email'] : '');
      // Counted before the password is looked at: tries that come at once would all find the count of before.
      const used = await consume(tries, account);
      if (used !== null) {
        const seconds = String(Math.ceil(used.msBeforeNext / 1000));
        const message = 'Too many failed tries; wait a while.';
        return answer(429, 'TOO_MANY_TRIES', message, { 'retry-after': seconds });
      }
      const response = await next(request);
      if (response.ok) await tries.delete(account);
      else if (response.status !== 401) await tries.reward(account, 1);
      return response;
    },
    async forgive(email) {
      await tries.delete(keyOf(email));
    },
    mayMailReset: async (userId) => (await consume(mails, userId)) === null,
  };
}

/** Takes one; answers what is used up when there is none left. */
async function consume(limiter: RateLimiterPostgres, key: string): Promise<RateLimiterRes | null> {
  try {
    await limiter.consume(key);
    return null;
  } catch (error) {
    if (error instanceof RateLimiterRes) return error;
    throw error;
  }
}

/** Hashed: whatever somebody types fits the column, and no addresses of strangers are kept. */
function keyOf(email: string): string {
  return createHash('sha256').update(email.toLowerCase()).digest('base64url');
}
