// What the API needs of accounts. Types only; accounts/better-auth.ts is the one implementation.

/** Who signs in, by session or password. */
export interface Accounts {
  /** Whose session the request's cookie is; null without a living one. Headers of the answer may renew the cookie. */
  sessionOf(headers: Headers): Promise<{ userId: string; sessionId: string; token: string } | null>;
  /** Answers a request to /api/auth/*; the address is the connection's own. */
  handle(request: Request, address: string | null): Promise<Response>;
  /** Signs somebody in whose password has just been set; the answer carries the cookie. */
  signIn(of: { email: string; password: string; address: string | null }): Promise<Response>;
  /** The text kept of a password: argon2id. */
  hashPassword(password: string): Promise<string>;
}
