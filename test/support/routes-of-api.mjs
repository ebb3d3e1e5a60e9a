/** Prints the routes of the API as JSON, `[{ method, url }]`, by booting it without listening. */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { AppModule } from '../../dist/apps/api/src/app.module.js';
import { configureApp, createAdapter } from '../../dist/apps/api/src/configure-app.js';
import { loadEnvironment } from '../../dist/libs/config/src/index.js';

const environment = loadEnvironment();
const adapter = createAdapter(environment);
const routes = [];
adapter.getInstance().addHook('onRoute', ({ method, url }) => {
  for (const one of [method].flat()) routes.push({ method: one, url });
});
const app = await NestFactory.create(AppModule, adapter, { logger: false, bodyParser: false });
configureApp(app, environment);
await app.init();
await app.close();
process.stdout.write(JSON.stringify(routes));
