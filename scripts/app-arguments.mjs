/** node scripts/app-arguments.mjs api|worker: the arguments by which Node runs this process, one a line. */
import { APP_FLAGS, appArguments } from './lib/paths.mjs';

const name = process.argv[2];
if (name in APP_FLAGS) process.stdout.write(appArguments(name).join('\n'));
else {
  process.stderr.write(`Which process: ${Object.keys(APP_FLAGS).join(' or ')}?\n`);
  process.exitCode = 1;
}
