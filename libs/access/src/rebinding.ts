import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { isLoopback } from '#config';
import { DomainError } from '#domain';

/**
 * A page of any site can make a browser call this service, under a name of its own that leads here (DNS
 * rebinding) or across origins. So a service that asks for no key answers only callers that name this
 * machine. If it listens on more than loopback, they may also name an IP address, or a name without a dot as
 * containers have: no site has these. Then pages of the very address that is called may call too.
 *
 * @param listensOn the address
 * @throws DomainError `host-not-allowed`
 */
export function refuseOtherSites({ host, origin }: IncomingHttpHeaders, listensOn: string): void {
  const isOpenToMore = !isLoopback(listensOn);
  const called = parse(`http://${host ?? 'localhost'}`);
  if (!called || !(isOfThisMachine(called) || (isOpenToMore && isOfNoSite(called)))) throw otherSite('Host');
  if (origin === undefined) return;
  const page = parse(origin);
  if (!page || !(isOfThisMachine(page) || (isOpenToMore && page.host === called.host)))
    throw otherSite('Origin');
}

function parse(address: string): URL | null {
  return URL.canParse(address) ? new URL(address) : null;
}

function nameOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

function isOfThisMachine(address: URL): boolean {
  return isLoopback(nameOf(address));
}

function isOfNoSite(address: URL): boolean {
  const name = nameOf(address);
  return isIP(name) !== 0 || !name.includes('.');
}

function otherSite(header: string): DomainError {
  return new DomainError(
    'host-not-allowed',
    `Without keys the service answers calls to this machine only, and ${header} names another; make a key with "sparserec keys create"`,
  );
}
