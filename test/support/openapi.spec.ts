import type { Reply } from './api.js';
import { OpenApiDocument, type Call } from './openapi.js';

const problemType = 'application/problem+json';
const document = {
  components: {
    schemas: {
      Part: { type: 'object', properties: { at: { nullable: true, type: 'string' } }, required: ['at'] },
      Whole: {
        type: 'object',
        properties: {
          size: { type: 'number', minimum: 0, exclusiveMinimum: true },
          parts: { type: 'array', items: { $ref: '#/components/schemas/Part' } },
          extra: { type: 'object', additionalProperties: { type: 'number' } },
        },
        required: ['size'],
      },
      Problem: { type: 'object', properties: { type: { type: 'string' } } },
    },
  },
  paths: {
    '/wholes': {
      get: {
        responses: {
          200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Whole' } } } },
          204: {},
          404: {
            content: {
              [problemType]: {
                schema: { $ref: '#/components/schemas/Problem' },
                examples: { gone: { value: { type: '/problems/gone' } } },
              },
            },
          },
        },
      },
    },
  },
};

const openApi = new OpenApiDocument(document);
const [call] = openApi.calls as [Call];
const json = 'application/json';
const faultsOf = (status: number, body: unknown, type = json) =>
  openApi.faultsOf(call, { status, headers: new Headers({ 'content-type': type }), body } satisfies Reply);

describe('OpenApiDocument', () => {
  it('finds nothing wrong with what is documented', () => {
    expect(faultsOf(200, { size: 1, parts: [{ at: null }, { at: 'x' }], extra: { a: 1 } })).toEqual([]);
    expect(faultsOf(204, '', '')).toEqual([]);
    expect(faultsOf(404, { type: '/problems/gone' }, problemType)).toEqual([]);
  });

  it.each([
    ['a field that is not documented', 200, { size: 1, weight: 2 }, json],
    ['a field that is not documented, deep inside', 200, { size: 1, parts: [{ at: null, to: 1 }] }, json],
    ['a missing field', 200, { parts: [] }, json],
    ['null where it cannot be', 200, { size: null }, json],
    ['a bound that is out of range itself', 200, { size: 0 }, json],
    ['another type inside of what is open', 200, { size: 1, extra: { a: 'x' } }, json],
    ['a status that is not documented', 201, { size: 1 }, json],
    ['a content type that is not documented', 200, 'size', 'text/plain'],
    ['a body where none is documented', 204, { size: 1 }, json],
    ['a problem that is not documented', 404, { type: '/problems/other' }, problemType],
    ['a problem with a field that is not documented', 404, { type: '/problems/gone', row: 1 }, problemType],
  ])('finds %s', (_, status, body, type) => {
    expect(faultsOf(status, body, type)).toHaveLength(1);
  });

  it('finds all examples of a body or a parameter', () => {
    const schema = { type: 'number', example: 3, examples: [4] };
    expect(openApi.examplesOf({ schema, example: 1, examples: { two: { value: 2 } } })).toEqual([1, 2, 3, 4]);
  });
});
