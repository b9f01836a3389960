// What the API needs of accounts. Types only; accounts/better-auth.ts is the one implementation.

/** A living session. */
export interface Session {
  userId: string;
  sessionId: string;
  token: string;
  /** Cookies for the answer: once a day a session that is used lasts longer. */
  renewal: string[];
}

/** Who signs in, by session or password. */
export interface Accounts {
  /** Whether people can come in by an OpenID Connect provider. */
  singleSignOn: boolean;
  /** Whose session the request's cookie is; null without a living one. */
  sessionOf(headers: Headers): Promise<Session | null>;
  /** Answers a request to /api/auth/*; the address is the connection's own. */
  handle(request: Request, address: string | null): Promise<Response>;
  /** Signs somebody in whose password has just been set; the answer carries the cookie. */
  signIn(of: { email: string; password: string; address: string | null }): Promise<Response>;
  /** The text kept of a password: argon2id. */
  hashPassword(password: string): Promise<string>;
}
