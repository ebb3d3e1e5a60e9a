import type { IncomingHttpHeaders } from 'node:http';
import { isLoopback } from '#config';
import { DomainError } from '#domain';

/**
 * A page of any site can make a browser call this machine, under a name of its own that leads here (DNS
 * rebinding) or across origins. So a service that asks for no key answers only callers that name this
 * machine.
 *
 * @throws DomainError `host-not-allowed`
 */
export function refuseOtherSites({
  headers: { host, origin },
}: {
  readonly headers: IncomingHttpHeaders;
}): void {
  for (const [header, address] of [
    ['Host', host === undefined ? undefined : `http://${host}`],
    ['Origin', origin],
  ] as const)
    if (address !== undefined && !isOfThisMachine(address))
      throw new DomainError(
        'host-not-allowed',
        `Without keys the service answers calls to this machine only, and ${header} names another; make a key with "sparserec keys create"`,
      );
}

function isOfThisMachine(address: string): boolean {
  if (!URL.canParse(address)) return false;
  return isLoopback(new URL(address).hostname.replace(/^\[(.*)\]$/, '$1'));
}
