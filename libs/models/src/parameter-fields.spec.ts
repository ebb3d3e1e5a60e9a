import { modelRegistry } from './model-registry.js';
import { parameterFields, type ParameterField } from './parameter-fields.js';

const KINDS = [...modelRegistry.values()];

function fieldOf(kind: string, name: string): ParameterField | undefined {
  return parameterFields(modelRegistry.get(kind)!).find((field) => field.name === name);
}

describe('the fields of a form for parameters', () => {
  it.each(KINDS)('say of $kind what each is, and have the defaults that the kind takes', (kind) => {
    const fields = parameterFields(kind);
    for (const field of fields) expect(field).toMatchObject({ description: expect.stringMatching(/.{10}/) });
    const isTaken = ({ goesWith }: ParameterField) =>
      goesWith === null || fields.find(({ name }) => name === goesWith.name)?.default === goesWith.value;
    const given = fields.filter((field) => field.default !== null && isTaken(field));
    const defaults = Object.fromEntries(given.map((field) => [field.name, field.default]));
    expect(kind.parameters.parse(defaults)).toEqual(kind.parameters.parse({}));
    expect(Object.keys(kind.parameters.parse({})).sort()).toEqual(Object.keys(defaults).sort());
  });

  it.each(KINDS)('have the ranges of $kind: what is at their ends is taken, and nothing beyond', (kind) => {
    for (const { name, range, goesWith } of parameterFields(kind)) {
      if (!range) continue;
      const chosen = goesWith ? { [goesWith.name]: goesWith.value } : {};
      const takes = (value: number) => kind.parameters.safeParse({ ...chosen, [name]: value }).success;
      const { minimum, maximum, isAboveMinimum } = range;
      const taken = [minimum, maximum, minimum - 1, maximum + 1].map(takes);
      expect([name, taken]).toEqual([name, [!isAboveMinimum, true, false, false]]);
    }
  });

  it('say which go with what, and which words are taken beside numbers', () => {
    expect(fieldOf('item-knn', 'weighting')).toMatchObject({
      default: 'bm25',
      words: ['bm25', 'turbo-cf', 'cosine'],
    });
    expect(fieldOf('item-knn', 'shrinkage')?.goesWith).toEqual({ name: 'weighting', value: 'cosine' });
    expect(fieldOf('item-knn', 'entriesPerRow')?.goesWith).toBeNull();
    expect(fieldOf('ease', 'entriesPerRow')).toMatchObject({ words: ['auto'], range: { isWhole: true } });
    expect(fieldOf('lightgcl', 'batchSize')?.default).toBeNull();
  });
});
