/** Where a Sentinel answers, which says where the primary is. */
export interface SentinelAddress {
  readonly host: string;
  readonly port: number;
}

const DEFAULT_PORT = 26_379;
const ADDRESS = /^(?:\[([\da-fA-F:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/;

/** What is wrong with a list of Sentinels, in words; null when it is well formed. */
export function faultOfSentinels(text: string): string | null {
  const isAddress = (part: string) =>
    Number(ADDRESS.exec(part)?.[3] ?? (ADDRESS.test(part) ? 1 : 0)) % 65_536 > 0;
  return partsOf(text).every(isAddress) ? null : 'write each as host:port, apart by commas';
}

/** @param text a well-formed list; empty: none */
export function parseSentinels(text: string): readonly SentinelAddress[] {
  return partsOf(text).map((part) => {
    const [, address, name, port] = ADDRESS.exec(part)!;
    return { host: (address ?? name)!, port: Number(port ?? DEFAULT_PORT) };
  });
}

/** What is wrong with the address of a primary beside a list of Sentinels; null when nothing is. */
export function faultOfPrimary({
  REDIS_URL,
  REDIS_SENTINELS,
}: {
  readonly REDIS_URL: string;
  readonly REDIS_SENTINELS: readonly SentinelAddress[];
}): string | null {
  if (REDIS_SENTINELS.length === 0) return null;
  const remedy = 'write the name of the primary in place of host and port, such as redis://mymaster';
  if (REDIS_URL === '') return `REDIS_URL: REDIS_SENTINELS needs it; ${remedy}`;
  if (new URL(REDIS_URL).port !== '')
    return `REDIS_URL: the Sentinels say at which port the primary is; ${remedy}`;
  return null;
}

function partsOf(text: string): string[] {
  return text === '' ? [] : text.split(',').map((part) => part.trim());
}
