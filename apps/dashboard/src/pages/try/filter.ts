/** The parts of a filter that have fields of their own; the rest of it stays as it is. */
export interface SimpleFilter {
  readonly any: readonly string[];
  readonly none: readonly string[];
  /** Days since an item came at most; null: any. */
  readonly newest: number | null;
}

type Json = Record<string, unknown>;

function objectOf(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function parsed(filter: string): Json {
  try {
    return objectOf(JSON.parse(filter));
  } catch {
    return {};
  }
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

export function simpleOf(filter: string): SimpleFilter {
  const { tags, ageDays } = parsed(filter);
  const { any, none } = objectOf(tags);
  const { lte } = objectOf(ageDays);
  return { any: texts(any), none: texts(none), newest: typeof lte === 'number' ? lte : null };
}

/** The filter with some of its simple parts changed; empty where no condition is left. */
export function withSimple(filter: string, change: Partial<SimpleFilter>): string {
  const { tags, ageDays, ...others } = parsed(filter);
  const { any, none, newest } = { ...simpleOf(filter), ...change };
  const { any: _any, none: _none, ...otherTags } = objectOf(tags);
  const { lte: _lte, ...otherAges } = objectOf(ageDays);
  const allTags = {
    ...otherTags,
    ...(any.length > 0 && { any }),
    ...(none.length > 0 && { none }),
  };
  const ages = { ...otherAges, ...(newest !== null && { lte: newest }) };
  const whole = {
    ...others,
    ...(Object.keys(allTags).length > 0 && { tags: allTags }),
    ...(Object.keys(ages).length > 0 && { ageDays: ages }),
  };
  return Object.keys(whole).length > 0 ? JSON.stringify(whole) : '';
}

export function tagsOf(text: string): string[] {
  return [...new Set(text.split(',').map((tag) => tag.trim()))].filter((tag) => tag !== '');
}
