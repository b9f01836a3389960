// Puts the API together: middleware, routes, documentation, and the only three writers of errors.
import { OpenAPIHono } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import { requestId } from 'hono/request-id';
import { secureHeaders } from 'hono/secure-headers';
import { HoldfastError } from '#domain/errors.ts';
import { registerAccounts } from './accounts.ts';
import { registerAdmin } from './admin/index.ts';
import { authorize, checkRouteAccess } from './access.ts';
import type { ApiDeps, App, AppEnv } from './app-env.ts';
import { registerDocs } from './documentation.ts';
import { EngineWatch } from './engine-watch.ts';
import { ChangeHub, registerAttachments, registerEvents } from './events.ts';
import { registerCannedReplies } from './canned-replies.ts';
import { registerCompanies } from './companies.ts';
import { registerContacts } from './contacts.ts';
import { admit, findAddress, idempotency, limitBody } from './guard.ts';
import { registerHealth } from './health.ts';
import { registerInbound } from './inbound.ts';
import { registerOperations } from './operations.ts';
import { registerSearch } from './search.ts';
import { registerSummary } from './summary.ts';
import {
  answerUnrouted,
  fillEmptyBodies,
  holdFixedAddresses,
  refuseUnknownQuery,
  requireBodies,
} from './methods.ts';
import { faultsOf, speakPlainly } from './plain-words.ts';
import { registerMySignature } from './me/signature.ts';
import { registerNotifications } from './notifications.ts';
import { PresenceWatch, registerPresence } from './presence.ts';
import { problem, unexpected } from './problem.ts';
import { registerActOnTickets } from './tickets/act.ts';
import { registerBulk } from './tickets/bulk.ts';
import { registerTicketContext } from './tickets/context.ts';
import { registerRecommendedReplies } from './tickets/recommended-replies.ts';
import { registerMovePreview } from './tickets/move-preview.ts';
import { registerCreateTicket } from './tickets/create.ts';
import { registerDrafts } from './tickets/drafts.ts';
import { registerMerges } from './tickets/merges.ts';
import { registerMessageHtml } from './tickets/message-html.ts';
import { registerMessages } from './tickets/messages.ts';
import { registerReplyDefaults } from './tickets/reply-defaults.ts';
import { registerReadTickets } from './tickets/read.ts';
import { registerRetryMessage } from './tickets/retry.ts';
import { registerUi } from './ui-pages.ts';

/** What a page of ours may load: nothing from elsewhere, no scripts but its files. */
const PAGE_HEADERS = {
  contentSecurityPolicy: {
    defaultSrc: ["'self'"],
    styleSrc: ["'self'", "'unsafe-inline'"],
    imgSrc: ["'self'", 'data:', 'blob:'],
    objectSrc: ["'none'"],
    baseUri: ["'none'"],
    formAction: ["'self'"],
    frameAncestors: ["'none'"],
  },
};
const OF_OTHERS = /^\/api\/v1\/(attachments|messages)\//;
import { registerViews } from './views/index.ts';

/** The whole API. */
export async function createApp(deps: ApiDeps): Promise<App> {
  speakPlainly();
  const app = new OpenAPIHono<AppEnv>({
    defaultHook: (result, c) => {
      if (result.success) return;
      const errors = faultsOf(result.error.issues);
      return problem(
        c,
        new HoldfastError('invalidRequest', 'A part of the request is invalid.', { errors }),
      );
    },
  });
  app.use(requestId(), findAddress(deps.proxies ?? 0));
  const [page, content] = [secureHeaders(PAGE_HEADERS), secureHeaders()];
  // What others wrote brings a policy of its own, which the pages' one must not replace.
  app.use((c, next) => (OF_OTHERS.test(c.req.path) ? content : page)(c, next));
  app.onError((error, c) => {
    if (error instanceof HTTPException) return problem(c, fromHttp(error));
    const known = unexpected(error);
    if (known.code === 'internal')
      deps.log.error({ err: error, requestId: c.get('requestId') }, 'request failed');
    return problem(c, known);
  });
  app.notFound((c) => answerUnrouted(app, c));
  registerUi(app, deps.uiFolder ?? null);
  registerHealth(app, deps);
  await registerDocs(app);
  app.use('/api/v1/*', admit(deps), authorize(app, deps), limitBody());
  app.use('/api/auth/*', limitBody());
  app.use(
    '/api/v1/*',
    holdFixedAddresses(app),
    refuseUnknownQuery(app),
    requireBodies(app),
    fillEmptyBodies(app),
  );
  app.use('/api/v1/*', idempotency(deps));
  registerAccounts(app, deps);
  registerCreateTicket(app, deps);
  registerReadTickets(app, deps);
  registerActOnTickets(app, deps);
  registerMessages(app, deps);
  registerMessageHtml(app, deps);
  registerDrafts(app, deps);
  registerReplyDefaults(app, deps);
  registerTicketContext(app, deps);
  registerRecommendedReplies(app, deps);
  registerMovePreview(app, deps);
  registerMerges(app, deps);
  registerBulk(app, deps);
  registerViews(app, deps);
  registerSearch(app, deps);
  registerSummary(app, deps);
  registerOperations(app, deps);
  registerRetryMessage(app, deps);
  registerContacts(app, deps);
  registerCompanies(app, deps);
  registerPresence(app, deps);
  registerNotifications(app, deps);
  registerCannedReplies(app, deps);
  registerMySignature(app, deps);
  registerInbound(app, deps);
  registerAdmin(app, deps);
  registerAttachments(app, deps);
  const hub = new ChangeHub(deps.heartbeatMs);
  await hub.start(deps);
  const presence = new PresenceWatch(deps.sql);
  await presence.start();
  registerEvents(app, deps, { hub, presence, engine: new EngineWatch(deps.gateway) });
  checkRouteAccess(app);
  return app;
}

function fromHttp(error: HTTPException): HoldfastError {
  if (error.status === 415)
    return new HoldfastError('unsupportedMediaType', 'Send JSON as application/json.');
  if (error.status === 413) return new HoldfastError('bodyTooLarge', 'The body is too large.');
  if (error.status === 400)
    return new HoldfastError('malformedJson', 'The body is not valid JSON.');
  return new HoldfastError('invalidRequest', error.message);
}
