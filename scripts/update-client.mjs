/**
 * npm run update:client: takes the OpenAPI document of the API as it is now, and generates
 * the client from it.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { build } from './lib/build.mjs';
import { main } from './lib/main.mjs';
import { ROOT } from './lib/paths.mjs';

await main(async () => {
  const { status } = spawnSync(process.execPath, [join(ROOT, 'scripts/test.mjs'), 'test/openapi'], {
    env: { ...process.env, UPDATE_CLIENT: '1' },
    stdio: 'inherit',
  });
  if (status === 0) await build();
  return status ?? 1;
});
