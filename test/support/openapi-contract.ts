// Holds every JSON answer that a test gets from the API against the OpenAPI document the API publishes: what is not declared there,
// or not as declared, fails the test that met it.
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import type { App } from '#api/app-env.ts';

interface OpenApiDocument {
  paths: Record<string, Record<string, { responses: Record<string, unknown> }>>;
}

/** What is wrong with one answer, or null when it is as documented. */
export type AnswerCheck = (
  answer: { method: string; path: string; status: number; contentType: string },
  body: unknown,
) => string | null;

/** Makes every later request of the app fail loudly when its JSON answer is not the documented one. */
export async function holdToOpenApi(app: App): Promise<App> {
  const ask = app.request.bind(app);
  const document = (await (await ask('/api/v1/openapi.json')).json()) as OpenApiDocument;
  const check = createAnswerCheck(document);
  app.request = async (input, init, ...rest) => {
    const response = await ask(input, init, ...rest);
    const contentType = response.headers.get('content-type')?.split(';')[0] ?? '';
    if (!/^application\/(.+\+)?json$/.test(contentType)) return response;
    const request = input instanceof Request ? input : new Request(new URL(input, 'http://desk'));
    const { pathname: path } = new URL(request.url);
    if (path === '/api/v1/openapi.json') return response;
    const method = init?.method ?? request.method;
    // Signing in is better-auth's own, and described by it.
    if (path.startsWith('/api/auth/')) return response;
    const answer = { method, path, status: response.status, contentType };
    const fault = check(answer, await response.clone().json());
    if (fault !== null) throw new Error(`${method} ${path} ${response.status}: ${fault}`);
    return response;
  };
  return app;
}

/** Judges answers by a document. */
export function createAnswerCheck(document: OpenApiDocument): AnswerCheck {
  const ajv = new Ajv2020({ strict: false, validateSchema: false, allErrors: false });
  ajvFormats.default(ajv);
  ajv.addSchema(document, 'api');
  const validators = new Map<string, ValidateFunction>();
  const validatorOf = (pointer: string): ValidateFunction => {
    const known = validators.get(pointer) ?? ajv.compile({ $ref: `api#${pointer}` });
    validators.set(pointer, known);
    return known;
  };
  return ({ method, path, status, contentType }, body) => {
    const schema = schemaPointer(document, { method, path, status, contentType });
    if (schema === null) return `the document knows no ${contentType} answer of ${status} there`;
    const validate = validatorOf(schema);
    return validate(body) === true ? null : ajv.errorsText(validate.errors, { separator: '\n' });
  };
}

const PROBLEM = '/components/schemas/Problem';

/** Where the schema of an answer stands; addresses that are none of the API's answer with a bare problem. */
function schemaPointer(
  { paths }: OpenApiDocument,
  answer: { method: string; path: string; status: number; contentType: string },
): string | null {
  const { method, path, status, contentType } = answer;
  const problem = contentType === 'application/problem+json';
  // The pattern with the fewest parameters is the route that answers: /tickets/bulk before /tickets/{id}.
  const [pattern] = Object.keys(paths)
    .filter((one) => matches(one, path))
    .toSorted((one, other) => one.split('{').length - other.split('{').length);
  const operation = pattern === undefined ? undefined : paths[pattern]?.[method.toLowerCase()];
  if (pattern === undefined || operation === undefined) {
    return problem && [401, 404, 405].includes(status) ? PROBLEM : null;
  }
  const response = operation.responses[status] as { content?: Record<string, unknown> } | undefined;
  if (response?.content?.[contentType] === undefined) return null;
  const parts = [pattern, method.toLowerCase(), 'responses', status, 'content', contentType];
  return `/paths/${parts.map((part) => encodeURIComponent(String(part).replaceAll('/', '~1'))).join('/')}/schema`;
}

function matches(pattern: string, path: string): boolean {
  const wanted = pattern.split('/');
  const given = path.split('/');
  return (
    wanted.length === given.length &&
    wanted.every((part, index) => part.startsWith('{') || part === given[index])
  );
}
