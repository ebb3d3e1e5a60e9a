/**
 * npm run build: everything that is needed to run, from the sources. With `--types` the types of all sources
 * are checked too, those of tests included.
 */
import { parseArgs } from 'node:util';
import { build, buildAndCheckTypes } from './lib/build.mjs';
import { install } from './lib/install.mjs';
import { main } from './lib/main.mjs';

const { values: options } = parseArgs({ options: { types: { type: 'boolean' } } });

await main(async () => {
  await install();
  await (options.types ? buildAndCheckTypes() : build());
});
