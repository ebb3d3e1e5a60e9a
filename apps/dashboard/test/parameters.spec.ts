import type { ModelParameter } from '@sparserec/client';
import {
  faultOf,
  hintOf,
  parametersOf,
  shownFields,
  typedOf,
} from '../src/pages/training/forms/parameters.js';

const FIELD: ModelParameter = {
  ...{ name: 'regularization', description: 'λ', default: '300', words: [], goesWith: null },
  range: { isWhole: false, minimum: 0, maximum: 10, isAboveMinimum: true },
};
const ENTRIES: ModelParameter = {
  ...{ ...FIELD, name: 'entries', default: 'auto', words: ['auto'] },
  range: { isWhole: true, minimum: 1, maximum: 100, isAboveMinimum: false },
};
const CHOICE: ModelParameter = {
  ...FIELD,
  name: 'weighting',
  default: 'bm25',
  words: ['bm25', 'cosine'],
  range: null,
};
const OF_COSINE: ModelParameter = {
  ...{ ...FIELD, name: 'shrinkage', default: '0' },
  goesWith: { name: 'weighting', value: 'cosine' },
};
const FIELDS = [CHOICE, OF_COSINE, FIELD, ENTRIES];

describe('a form of parameters', () => {
  it('says what each field takes, and what is wrong with what was typed', () => {
    expect(hintOf(FIELD)).toBe('above 0 to 10; 300 where it is empty');
    expect(hintOf(ENTRIES)).toBe('auto, or 1 to 100; auto where it is empty');
    expect(['', '5', '0', '11', 'x'].map((text) => faultOf(FIELD, text))).toEqual([
      ...[null, null, 'must be above 0', 'must be at most 10', 'is no number'],
    ]);
    expect(['auto', '1', '1.5', '0', 'x'].map((text) => faultOf(ENTRIES, text))).toEqual([
      ...[null, null, 'must be a whole number', 'must be at least 1', 'must be a number or auto'],
    ]);
  });

  it('sends what was typed alone, and nothing of a choice that is not made', () => {
    const typed = { shrinkage: '5', entries: ' 20 ', regularization: '' };
    expect(shownFields(FIELDS, typed)).toEqual([CHOICE, FIELD, ENTRIES]);
    expect(parametersOf(FIELDS, typed)).toEqual({ entries: 20 });
    expect(parametersOf(FIELDS, { ...typed, weighting: 'cosine', entries: 'auto' })).toEqual({
      ...{ weighting: 'cosine', shrinkage: 5, entries: 'auto' },
    });
    expect(parametersOf(FIELDS, { regularization: '-1' })).toBeNull();
  });

  it('begins with parameters that are set already, where they are no defaults', () => {
    expect(typedOf(FIELDS, { weighting: 'bm25', regularization: 3, entries: 'auto' })).toEqual({
      regularization: '3',
    });
  });
});
