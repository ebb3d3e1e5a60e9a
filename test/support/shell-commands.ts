import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/**
 * The commands in the `sh` blocks of a document; a line that begins with a space belongs to the one before.
 */
export function shellCommandsOf(page: string): string[] {
  const blocks = [...readFileSync(join(ROOT, page), 'utf8').matchAll(/^```sh\n([^]*?)^```$/gm)];
  return blocks.flatMap(([, block]) => block!.trim().split(/\n(?=\S)/));
}
