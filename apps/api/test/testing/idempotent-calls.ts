import type { OpenApiDocument, Call } from '../../../../test/support/openapi.js';

/** POSTs that only read, or whose answer has a token, which is not stored. */
const LISTS = ['', '/batch', '/rank'].map((part) => `/v1/catalogs/{catalog}/recommendations${part}`);
const ESTIMATES = '/v1/catalogs/{catalog}/training-estimates';
export const KEYLESS_POSTS = [...LISTS, ESTIMATES, '/v1/keys', '/v1/keys/{id}/rotate'];
/** Calls by other methods that take a key, each with the query that it needs. */
const ALSO: Readonly<Record<string, string>> = {
  'patch /v1/catalogs/{catalog}/items': '',
  'patch /v1/catalogs/{catalog}/items/{id}': '',
  'delete /v1/catalogs/{catalog}/users/{id}/interactions': '?all=true',
};
const JSON_TYPE = 'application/json';

/** Whether a call is to take an `Idempotency-Key`. */
export function takesKey({ method, path }: Call): boolean {
  return method === 'post' ? !KEYLESS_POSTS.includes(path) : `${method} ${path}` in ALSO;
}

/** A call in the default catalog, with the first example of its body. */
export function exampleOf({ path, method, operation }: Call, document: OpenApiDocument, modelId: string) {
  const [[type, content] = [JSON_TYPE, {}]] = Object.entries(operation.requestBody?.content ?? {});
  const id = path.includes('/models/') ? modelId : path.includes('/items/') ? 'item-1' : 'swagger-user';
  const query = ALSO[`${method} ${path}`] ?? '';
  const address = path.replace('{catalog}', 'default').replace('{id}', id) + query;
  return { address, type, method: method.toUpperCase(), body: document.examplesOf(content)[0] };
}

/** Codes of the problems that a documented answer can be. */
export function problemsOf({ content }: Call['operation']['responses'][string]): string[] {
  return Object.values(content?.['application/problem+json']?.examples ?? {}).map(({ value }) =>
    (value as { readonly type: string }).type.replace('/problems/', ''),
  );
}
