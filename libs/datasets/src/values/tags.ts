import { parseJson } from './json.js';

/** How the tags in a text are apart. */
export type TagSeparator = '|' | ',' | ';' | ' ' | null;

/** Looks at all tags of a column, which then are apart in one way. */
export class TagSurvey {
  readonly #counts = new Map<string, number>();

  see(value: unknown): void {
    if (typeof value !== 'string') return;
    for (const separator of ['|', ',', ';'])
      if (value.includes(separator)) this.#counts.set(separator, (this.#counts.get(separator) ?? 0) + 1);
  }

  /** @param blanks whether blanks separate where nothing else does, as in RecBole's sequences */
  decide(blanks: boolean): TagSeparator {
    const found = (['|', ',', ';'] as const).find((separator) => this.#counts.has(separator));
    return found ?? (blanks ? ' ' : null);
  }
}

/** What stands for no tags in MovieLens. */
const NO_TAGS = /^\(.*\)$/;

/** Tags without blanks and quotes around them, each once. */
export function readTags(value: unknown, separator: TagSeparator): string[] {
  if (Array.isArray(value)) return distinct(value.map(String));
  if (typeof value !== 'string') return [];
  const list = value.startsWith('[') ? parseJson(value) : undefined;
  if (Array.isArray(list)) return distinct(list.map(String));
  const text = value.trim().replace(/^\[(.*)\]$/s, '$1');
  const parts = separator === null ? [text] : text.split(separator);
  const tags = parts.map((part) =>
    part
      .trim()
      .replace(/^(['"])(.*)\1$/s, '$2')
      .trim(),
  );
  return distinct(tags.filter((tag) => !NO_TAGS.test(tag)));
}

function distinct(tags: readonly string[]): string[] {
  return [...new Set(tags.filter((tag) => tag !== ''))];
}
