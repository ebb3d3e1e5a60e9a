import { basename } from 'node:path';
import { parseArgs } from 'node:util';

const BAD_INPUT = 2;

/**
 * What the command line says, by `parseArgs`; ends the process with one line when it says something else.
 *
 * @param needed what each option is that has to be given
 */
export function readOptions(options, needed = {}) {
  const values = parse(options);
  for (const [option, what] of Object.entries(needed))
    if (values[option] === undefined) refuse(`This benchmark needs ${what}: give it with --${option}`);
  return values;
}

function parse(options) {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    const known = Object.keys(options).map((option) => `--${option}`);
    const [problem] = error.message.split(/\.?\n|\. /);
    return refuse(`${problem}. There are ${known.join(', ')}`);
  }
}

function refuse(problem) {
  const help = `npm run -s bench -- ${basename(process.argv[1], '.bench.mjs')} --help`;
  process.stderr.write(`${problem}; see ${help}\n`);
  process.exit(BAD_INPUT);
}
