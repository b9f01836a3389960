// The API's own description: OpenAPI 3.1 and a page to read and try it.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { App } from './app-env.ts';
import { ROUTE_ACCESS } from './route-access.ts';

const DOCS_FILES: Record<string, string> = {
  'swagger-ui.css': 'text/css',
  'swagger-ui-bundle.js': 'text/javascript',
};

/** The document and the page that shows it; both are served by us alone. */
export async function registerDocs(app: App): Promise<void> {
  app.openAPIRegistry.registerComponent('securitySchemes', 'apiKey', {
    type: 'http',
    scheme: 'bearer',
  });
  const config = {
    openapi: '3.1.0',
    info: {
      title: 'Holdfast',
      version: '1',
      description: 'A help desk in which every ticket is a durable workflow.',
    },
    security: [{ apiKey: [] }],
  };
  let document: unknown;
  app.get('/api/v1/openapi.json', (c) => {
    document ??= withPermissions(app.getOpenAPI31Document(config));
    return c.json(document);
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

/** The document with what each operation asks of its caller: any of `x-permissions`, nothing in particular when the list is empty. */
function withPermissions<T extends { paths?: object }>(document: T): T {
  const items: Record<string, { operationId?: string; 'x-permissions'?: readonly string[] }>[] =
    Object.values(document.paths ?? {});
  for (const operation of items.flatMap((item) => Object.values(item))) {
    const need = ROUTE_ACCESS[operation.operationId ?? ''] ?? 'public';
    const named = typeof need === 'string' ? [need] : need;
    operation['x-permissions'] = named.filter((name) => name.includes('.'));
  }
  return document;
}
