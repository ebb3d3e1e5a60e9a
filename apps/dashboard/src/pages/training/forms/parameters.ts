import type { ModelParameter } from '@sparserec/client';

/** What was typed for each parameter; absent or empty: its default. */
export type Typed = Readonly<Record<string, string>>;

export type Parameters = Record<string, number | string>;

/** The fields that go with what is chosen. */
export function shownFields(fields: readonly ModelParameter[], typed: Typed): ModelParameter[] {
  const valueOf = (name: string) =>
    typed[name] || (fields.find((field) => field.name === name)?.default ?? '');
  return fields.filter(({ goesWith }) => goesWith === null || valueOf(goesWith.name) === goesWith.value);
}

/** What a field takes, in words. */
export function hintOf({ range, words, default: value }: ModelParameter): string {
  const numbers = range && `${range.isAboveMinimum ? 'above ' : ''}${range.minimum} to ${range.maximum}`;
  const taken = [...words, ...(numbers === null ? [] : [numbers])].join(', or ');
  return `${taken}; ${value ?? 'by the data'} where it is empty`;
}

/** What is wrong with what was typed; null where nothing is. */
export function faultOf({ range, words }: ModelParameter, typed: string): string | null {
  const text = typed.trim();
  if (text === '' || words.includes(text)) return null;
  if (!range) return `must be one of ${words.join(', ')}`;
  const value = Number(text);
  if (Number.isNaN(value))
    return words.length > 0 ? `must be a number or ${words.join(', ')}` : 'is no number';
  if (range.isWhole && !Number.isInteger(value)) return 'must be a whole number';
  if (value < range.minimum || (range.isAboveMinimum && value === range.minimum))
    return `must be ${range.isAboveMinimum ? 'above' : 'at least'} ${range.minimum}`;
  return value > range.maximum ? `must be at most ${range.maximum}` : null;
}

/** The parameters as a run takes them; null while a field has a fault. */
export function parametersOf(fields: readonly ModelParameter[], typed: Typed): Parameters | null {
  const given = shownFields(fields, typed).filter(({ name }) => (typed[name] ?? '').trim() !== '');
  if (given.some((field) => faultOf(field, typed[field.name]!) !== null)) return null;
  return Object.fromEntries(
    given.map(({ name, words }) => {
      const text = typed[name]!.trim();
      return [name, words.includes(text) ? text : Number(text)];
    }),
  );
}

/** What would have to be typed for parameters that are set already. */
export function typedOf(
  fields: readonly ModelParameter[],
  parameters: Readonly<Record<string, unknown>>,
): Typed {
  const others = fields.filter(
    ({ name, default: value }) => name in parameters && String(parameters[name]) !== value,
  );
  return Object.fromEntries(others.map(({ name }) => [name, String(parameters[name])]));
}
