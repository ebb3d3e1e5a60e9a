import type { ReactNode } from 'react';
import { PAGES } from './page-list.js';
import { addressOf } from './route.js';

interface PageLinkProps {
  readonly catalog: string;
  readonly page: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly children: ReactNode;
}

/** A link to another page, or its words alone where there is no such page. */
export function PageLink({ catalog, page, query, children }: PageLinkProps) {
  if (!PAGES.some(({ id }) => id === page)) return children;
  return <a href={addressOf(catalog, page, new URLSearchParams(query))}>{children}</a>;
}
