import { bodyOf, queryOf, type ListAsk } from './list-ask.js';

interface Place {
  readonly service: string;
  readonly catalog: string;
  /** Whether callers need a key. It is never in a text that can be copied. */
  readonly keysNeeded: boolean;
  /** Whether the caller may have the reasons of a list for a user. */
  readonly explains: boolean;
}

/** The call in the words of a shell. */
export function curlOf(ask: ListAsk, { service, catalog, keysNeeded, explains }: Place): string {
  const base = `${service}/v1/catalogs/${encodeURIComponent(catalog)}`;
  const key = keysNeeded ? ['-H "authorization: Bearer $SPARSEREC_KEY"'] : [];
  if (ask.kind === 'basket') {
    const json = quoted(JSON.stringify(bodyOf(ask)));
    return lines(`curl -s -X POST ${quoted(`${base}/recommendations`)}`, [
      ...key,
      "-H 'content-type: application/json'",
      `-d ${json}`,
    ]);
  }
  const pairs = Object.entries(queryOf(ask, explains)).flatMap(([name, value]) =>
    [value].flat().map((one) => `--data-urlencode ${quoted(`${name}=${one}`)}`),
  );
  const address = `${base}/users/${encodeURIComponent(ask.user)}/recommendations`;
  return lines(`curl -s -G ${quoted(address)}`, [...key, ...pairs]);
}

function lines(first: string, others: readonly string[]): string {
  return [first, ...others].join(' \\\n  ');
}

/** For a POSIX shell, whatever is in it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The same by the typed client. */
export function typescriptOf(ask: ListAsk, { service, catalog, keysNeeded, explains }: Place): string {
  const call = ask.kind === 'user' ? 'recommendationsForUser' : 'recommendationsForBasket';
  const auth = keysNeeded ? ', auth: process.env.SPARSEREC_KEY' : '';
  const path = ask.kind === 'user' ? { catalog, id: ask.user } : { catalog };
  const asked =
    ask.kind === 'user' ? `query: ${literal(queryOf(ask, explains))}` : `body: ${literal(bodyOf(ask))}`;
  return `import { createClient, ${call} } from '@sparserec/client';

const client = createClient({ baseUrl: ${JSON.stringify(service)}${auth} });
const { data, error } = await ${call}({
  client,
  path: ${literal(path)},
  ${asked},
});
if (error) throw new Error(error.detail);
for (const { itemId, score } of data.items) console.log(itemId, score);`;
}

/** An object as source, its simple names without quotes. */
function literal(value: unknown): string {
  return JSON.stringify(value, null, 2)
    .replace(/^(\s*)"([A-Za-z_]\w*)":/gm, '$1$2:')
    .replaceAll('\n', '\n  ');
}
