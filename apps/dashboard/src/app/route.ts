/** What is shown stands in the address, after `#`: `#/CATALOG/PAGE?what=is-asked`. */
export interface Route {
  /** Null where the address names none. */
  readonly catalog: string | null;
  readonly page: string;
  readonly query: URLSearchParams;
}

const FIRST_PAGE = 'overview';

export function parseRoute(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split(/\?(.*)/s);
  const [catalog = '', page = ''] = path.split('/').map(decoded);
  return {
    catalog: catalog === '' ? null : catalog,
    page: page === '' ? FIRST_PAGE : page,
    query: new URLSearchParams(search),
  };
}

export function addressOf(catalog: string | null, page: string, query?: URLSearchParams): string {
  const search = query && query.size > 0 ? `?${query}` : '';
  return `#/${encodeURIComponent(catalog ?? '')}/${encodeURIComponent(page)}${search}`;
}

/** An address that somebody has shortened or typed may hold anything. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
