import { DomainError } from '#domain';
import { openTable } from './formats/open-table.js';
import type { Source } from './sources/source.js';

/**
 * Whether a source has no rows, as an export of what a catalog has none of: no bytes, or a header alone. Of a
 * large source only the beginning is read.
 */
export async function holdsNothing(source: Source): Promise<boolean> {
  const start = await firstBytes(source);
  if (start.length === 0) return true;
  if (/^\s*[{[]/.test(start.toString('latin1'))) return false;
  try {
    const table = await openTable(source, { columns: new Map(), encoding: 'latin1', isItems: true });
    for await (const { rows } of table.read()) if (rows.length > 0) return false;
    return true;
  } catch (error) {
    if (error instanceof DomainError) return false;
    throw error;
  }
}

async function firstBytes(source: Source): Promise<Buffer> {
  for await (const chunk of source.open()) if (chunk.length > 0) return chunk.subarray(0, 100);
  return Buffer.alloc(0);
}
