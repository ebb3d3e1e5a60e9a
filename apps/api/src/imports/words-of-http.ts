import { DomainError, type ErrorCode } from '#domain';

/** Options of the command line that have no value there, or another name. */
const PARAMETERS: Readonly<Record<string, string>> = {
  'item-columns': 'columns',
  'user-columns': 'columns',
  'no-header': 'header=false',
  header: 'header=true',
  'skip-invalid': 'onInvalid=skip',
  'rating-as-weight': 'ratingAsWeight=true',
  'all-ratings-positive': 'allRatingsPositive=true',
};
/** Of errors that the reader of data sets has. */
const READER_CODES: ReadonlySet<ErrorCode> = new Set(['import-row-invalid', 'import-source-invalid']);
const OPTION = /--([a-z]+(?:-[a-z]+)*)/g;

/**
 * What a query says that has the name of an option: `noHeader`, `skip-invalid` and `time_format` have another
 * one there.
 */
export function rightParameter(name: string, known: ReadonlySet<string>): string | null {
  const is = (other: string) => normal(other) === normal(name);
  const flag = Object.keys(PARAMETERS).find(is);
  const [parameter] = flag === undefined ? [...known].filter(is) : [PARAMETERS[flag]!];
  const isKnown = parameter !== undefined && known.has(parameter.replace(/=.*/, ''));
  return isKnown ? `write \`${parameter}\`` : null;
}

function normal(name: string): string {
  return name.replaceAll(/[-_]/g, '').toLowerCase();
}

/** The same error, with its texts by {@link toParameters} if the reader of data sets has it. */
export function inWordsOfHttp(error: unknown): unknown {
  if (!(error instanceof DomainError) || !READER_CODES.has(error.code)) return error;
  const { code, extensions } = error;
  const reason = extensions['reason'];
  return new DomainError(code, toParameters(error.message), {
    cause: error,
    errors: error.errors,
    extensions: { ...extensions, ...(typeof reason === 'string' && { reason: toParameters(reason) }) },
  });
}

/** Names parameters of the query where a text names options of the command line. */
export function toParameters(text: string): string {
  return text.replace(OPTION, (_, name: string) => `\`${PARAMETERS[name] ?? toCamelCase(name)}\``);
}

function toCamelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
