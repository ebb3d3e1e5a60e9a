import { filterToJson } from './filter-json.js';
import { FILTER_EXAMPLE, filterSchema } from './filter.schema.js';

describe('filterToJson', () => {
  it.each([
    [{}],
    [FILTER_EXAMPLE],
    [{ itemId: { in: ['a', 'b'] }, tags: { any: ['x'], all: ['y'] }, 'metadata.a.b': { eq: true } }],
  ])('gives back what a request had: %j', (json) => {
    const filter = filterSchema.parse(json);
    expect(filterToJson(filter)).toEqual(json);
    expect(filterSchema.parse(filterToJson(filter))).toEqual(filter);
  });
});
