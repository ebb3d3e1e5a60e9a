import { basename } from 'node:path';
import { parseArgs } from 'node:util';

const BAD_INPUT = 2;

/** What the command line says, by `parseArgs`; ends the process with one line when it says something else. */
export function readOptions(options) {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    const known = Object.keys(options).map((option) => `--${option}`);
    const [problem] = error.message.split(/\.?\n|\. /);
    const help = `npm run -s bench -- ${basename(process.argv[1], '.bench.mjs')} --help`;
    process.stderr.write(`${problem}. There are ${known.join(', ')}; see ${help}\n`);
    process.exit(BAD_INPUT);
  }
}
