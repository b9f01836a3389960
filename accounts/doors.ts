// Which of better-auth's addresses exist here, and what a request must look like to get there: the library brings many more than this
// desk needs, and each is a door. Answers are in the library's own form, {code, message}, since its callers know that one.

/** Where better-auth answers. */
export const AUTH_PATH = '/api/auth';

const DOORS = new Set([
  'POST /sign-in/email',
  'POST /sign-in/social',
  'GET /callback/sso',
  'POST /sign-out',
  'GET /get-session',
  'GET /list-sessions',
  'POST /revoke-session',
  'POST /revoke-sessions',
  'POST /revoke-other-sessions',
  'POST /change-password',
  'POST /request-password-reset',
  'POST /reset-password',
  'POST /two-factor/enable',
  'POST /two-factor/disable',
  'POST /two-factor/get-totp-uri',
  'POST /two-factor/generate-backup-codes',
  'POST /two-factor/verify-totp',
  'POST /two-factor/verify-backup-code',
]);

/**
 * Null when a request may go on. Only JSON is taken: a form of another page can be posted without asking the browser first, JSON cannot.
 */
export function refusal(request: Request): Response | null {
  const { pathname } = new URL(request.url);
  if (!DOORS.has(`${request.method} ${pathname.slice(AUTH_PATH.length)}`))
    return answer(404, 'NOT_FOUND', 'There is nothing at this address.');
  const isJson = /^application\/json\b/i.test(request.headers.get('content-type') ?? '');
  if (request.method === 'POST' && !isJson)
    return answer(415, 'UNSUPPORTED_MEDIA_TYPE', 'Send JSON as application/json.');
  return null;
}

/** The body of a POST when it is an object, else null: the library's own parser would trip over some. */
export async function objectOf(request: Request): Promise<Record<string, unknown> | null> {
  const body: unknown = await request
    .clone()
    .json()
    .catch(() => null);
  return typeof body === 'object' && body !== null && !Array.isArray(body)
    ? (body as Record<string, unknown>)
    : null;
}

/** A refusal as better-auth writes one. */
export function answer(
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
): Response {
  return Response.json({ code, message }, { status, headers });
}
