// Puts the API together: middleware, routes, documentation, and the only three writers of errors.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { OpenAPIHono } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import { requestId } from 'hono/request-id';
import { secureHeaders } from 'hono/secure-headers';
import { HoldfastError } from '#domain/errors.ts';
import { measureRelay } from '#db/relay.ts';
import { registerAdmin } from './admin/index.ts';
import type { ApiDeps, App, AppEnv } from './app-env.ts';
import { ChangeHub, registerAttachments, registerEvents } from './events.ts';
import { registerCompanies } from './companies.ts';
import { registerContacts } from './contacts.ts';
import { authenticate, idempotency, limitBody, rateLimit } from './guard.ts';
import { registerInbound } from './inbound.ts';
import { problem, unexpected } from './problem.ts';
import { registerActOnTickets } from './tickets/act.ts';
import { registerBulk } from './tickets/bulk.ts';
import { registerCreateTicket } from './tickets/create.ts';
import { registerMerges } from './tickets/merges.ts';
import { registerMessages } from './tickets/messages.ts';
import { registerReadTickets } from './tickets/read.ts';
import { registerRetryMessage } from './tickets/retry.ts';

const DOCS_FILES: Record<string, string> = {
  'swagger-ui.css': 'text/css',
  'swagger-ui-bundle.js': 'text/javascript',
};

/** The whole API. */
export async function createApp(deps: ApiDeps): Promise<App> {
  const app = new OpenAPIHono<AppEnv>({
    defaultHook: (result, c) => {
      if (result.success) return;
      const errors = result.error.issues.map((issue) => ({
        pointer: `/${issue.path.map(String).join('/')}`,
        message: issue.message,
      }));
      return problem(
        c,
        new HoldfastError('invalidRequest', 'A part of the request is invalid.', { errors }),
      );
    },
  });
  app.use(requestId());
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
      },
    }),
  );
  app.onError((error, c) => {
    if (error instanceof HTTPException) return problem(c, fromHttp(error));
    const known = unexpected(error);
    if (known.code === 'internal')
      deps.log.error({ err: error, requestId: c.get('requestId') }, 'request failed');
    return problem(c, known);
  });
  app.notFound((c) => {
    const allowed = methodsAt(app, c.req.path);
    if (allowed.length === 0)
      return problem(c, new HoldfastError('notFound', 'There is nothing at this address.'));
    c.header('allow', allowed.join(', '));
    return problem(
      c,
      new HoldfastError('methodNotAllowed', `This address takes ${allowed.join(', ')}.`),
    );
  });
  registerHealth(app, deps);
  await registerDocs(app);
  app.use('/api/v1/*', rateLimit(deps), authenticate(deps));
  app.use('/api/v1/*', async (c, next) =>
    c.req.path === '/api/v1/attachments' ? await next() : await limitBody()(c, next),
  );
  app.use('/api/v1/*', idempotency(deps));
  registerCreateTicket(app, deps);
  registerReadTickets(app, deps);
  registerActOnTickets(app, deps);
  registerMessages(app, deps);
  registerMerges(app, deps);
  registerBulk(app, deps);
  registerRetryMessage(app, deps);
  registerContacts(app, deps);
  registerCompanies(app, deps);
  registerInbound(app, deps);
  registerAdmin(app, deps);
  registerAttachments(app, deps);
  const hub = new ChangeHub();
  await hub.start(deps);
  registerEvents(app, deps, hub);
  return app;
}

/** The methods an address answers to, HEAD with GET; empty when it is no address of ours. */
function methodsAt(app: App, path: string): string[] {
  const methods = app.routes
    .filter((route) => route.method !== 'ALL' && matchesPath(route.path, path))
    .flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  return [...new Set(methods)].toSorted();
}

function matchesPath(pattern: string, path: string): boolean {
  const wanted = pattern.split('/');
  const given = path.split('/');
  return (
    wanted.length === given.length &&
    wanted.every((part, index) => part.startsWith(':') || part === given[index])
  );
}

function fromHttp(error: HTTPException): HoldfastError {
  if (error.status === 415)
    return new HoldfastError('unsupportedMediaType', 'Send JSON as application/json.');
  if (error.status === 413) return new HoldfastError('bodyTooLarge', 'The body is too large.');
  if (error.status === 400)
    return new HoldfastError('malformedJson', 'The body is not valid JSON.');
  return new HoldfastError('invalidRequest', error.message);
}

function registerHealth(app: App, deps: ApiDeps): void {
  app.get('/healthz', (c) => c.json({ status: 'alive' }));
  app.get('/readyz', async (c) => {
    const [relay, engine] = await Promise.all([
      measureRelay(deps.sql).catch(() => null),
      deps.gateway.health(),
    ]);
    const parts = { postgres: relay !== null, temporal: engine.temporal, worker: engine.workers };
    const missing = Object.entries(parts).flatMap(([name, ok]) => (ok ? [] : [name]));
    const body = {
      status: missing.length === 0 ? 'ready' : 'waiting',
      missing,
      relay,
      mail: deps.mailMode,
    };
    return c.json(body, missing.length === 0 ? 200 : 503);
  });
}

async function registerDocs(app: App): Promise<void> {
  app.openAPIRegistry.registerComponent('securitySchemes', 'apiKey', {
    type: 'http',
    scheme: 'bearer',
  });
  app.doc31('/api/v1/openapi.json', {
    openapi: '3.1.0',
    info: {
      title: 'Holdfast',
      version: '1',
      description: 'A help desk in which every ticket is a durable workflow.',
    },
    security: [{ apiKey: [] }],
  });
  const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  for (const [name, type] of Object.entries(DOCS_FILES)) {
    app.get(`/api/docs/${name}`, async (c) =>
      c.body(await readFile(join(folder, name), 'utf8'), 200, { 'content-type': type }),
    );
  }
  app.get('/api/docs/start.js', (c) =>
    c.body(
      "SwaggerUIBundle({ url: '/api/v1/openapi.json', dom_id: '#docs', deepLinking: true });",
      200,
      {
        'content-type': 'text/javascript',
      },
    ),
  );
  app.get('/api/docs', (c) =>
    c.html(`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Holdfast API</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/api/docs/swagger-ui.css"></head>
<body><div id="docs"></div><script src="/api/docs/swagger-ui-bundle.js"></script><script src="/api/docs/start.js"></script></body></html>`),
  );
}
