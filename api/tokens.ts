// Tokens that let somebody in are kept as hashes and compared without telling how far they are right.
import { createHash, timingSafeEqual } from 'node:crypto';

/** What is kept of a token. */
export const hashOfToken = (token: string): Buffer => createHash('sha256').update(token).digest();

/** Whether two are the same. */
export const isSameToken = (one: string, other: string): boolean =>
  timingSafeEqual(hashOfToken(one), hashOfToken(other));
