// What is kept of a password: argon2id at the strength OWASP asks for, 19 MiB and two passes.
import { hash, verify } from '@node-rs/argon2';

/** The text to keep. */
export const hashPassword = (password: string): Promise<string> =>
  hash(password, { memoryCost: 19_456, timeCost: 2, parallelism: 1 });

/** Whether a kept text is of this password. */
export const isPassword = (kept: string, password: string): Promise<boolean> =>
  verify(kept, password);
