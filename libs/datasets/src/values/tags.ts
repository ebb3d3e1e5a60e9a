import { InvalidValue } from './invalid-value.js';
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

/** Tags without blanks and quotes around them, each once. @throws InvalidValue */
export function readTags(value: unknown, separator: TagSeparator): string[] {
  if (Array.isArray(value)) return distinct(value.map(toTag));
  if (typeof value !== 'string') return [];
  const list = value.startsWith('[') ? (parseJson(value) ?? readPythonObjects(value)) : undefined;
  if (Array.isArray(list)) return distinct(list.map(toTag));
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

/** An object is called by its `name`, as genres are in lists of TMDB. @throws InvalidValue */
function toTag(value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Date)
    return String(value);
  if ('name' in value && typeof value.name === 'string') return value.name;
  throw new InvalidValue('tags has an object without a name', { role: 'tags' });
}

const PYTHON_OBJECTS = /^\[\s*\{\s*'/;
const PYTHON_NAME = /'name':\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/g;

/** Names of the objects that Python has written, which is no JSON: `[{'id': 18, 'name': 'Drama'}]`. */
function readPythonObjects(text: string): string[] | undefined {
  if (!PYTHON_OBJECTS.test(text)) return undefined;
  return [...text.matchAll(PYTHON_NAME)].map(([, single, double]) =>
    (single ?? double!).replace(/\\(.)/g, '$1'),
  );
}

function distinct(tags: readonly string[]): string[] {
  return [...new Set(tags.filter((tag) => tag !== ''))];
}
