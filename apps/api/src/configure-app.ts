import { Logger, VersioningType } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Environment } from '#config';
import { admitCallers, recogniseCallers } from './access/admission.js';
import { auditCalls } from './access/audit.js';
import { limitCalls } from './access/limits/limit-calls.js';
import { shedLoad } from './access/limits/shed-load.js';
import { cutOffSlowClients } from './access/limits/slow-clients.js';
import { answerOtherOrigins } from './access/other-origins.js';
import { SECURITY_HEADERS, sendSecurityHeaders } from './access/security-headers.js';
import { allowNullInEnums } from './common/nullable-enums.js';
import { answerOtherMethods } from './common/other-methods.js';
import { documentProblemsOfAll } from './common/problem/api-problems.js';
import { answerClientError } from './common/problem/client-errors.js';
import { ProblemFilter } from './common/problem/problem.filter.js';
import { sendProblem } from './common/problem/send-problem.js';
import { knowPublicAddress, withServer } from './common/public-address.js';
import { documentRefusals } from './common/refusals.js';
import { readBodies } from './common/request-bodies.js';
import {
  parseQuery,
  refuseMalformedRequests,
  RequestPipe,
  UnknownParametersGuard,
} from './common/request-checks.js';
import { revalidateAnswers } from './common/revalidated.js';
import { HttpDrain } from './draining/http-drain.js';
import { hashIdempotentBodies } from './idempotency/body-hash.js';
import { IMPORT_TYPES } from './imports/import-body.js';
import { IMPORT_ROUTE } from './interactions/interactions.controller.js';
import { ITEMS_IMPORT_ROUTE } from './items/items.controller.js';
import { RequestCounts } from './telemetry/request-counts.js';
import { answerRequestIds, namesOf, requestIdOf } from './telemetry/request-ids.js';
import { traceRequests } from './telemetry/request-spans.js';
import { USERS_IMPORT_ROUTE } from './users/user-imports.controller.js';

const MEBIBYTE = 1024 * 1024;

/**
 * Longer than balancers keep an idle connection: nginx and AWS 60 s, Google 600 s. The server must not be
 * the one who closes: a call may be on its way to it.
 */
const KEEP_ALIVE_MS = 620_000;
/** From the first byte of a request to the end of its head. */
const HEADERS_MS = 60_000;

/** External ids in paths may be 512 characters of up to 12 bytes when percent-encoded. */
const MAX_PARAM_LENGTH = 8_192;

const DESCRIPTION = `Recommendations for sparse data from closed-form models on plain CPUs.

Post interactions, start a training run, ask for recommendations. Every answer to a person reflects the last interaction, with
or without a training run. Errors are problem documents (RFC 9457).

Every GET has a HEAD. OPTIONS answers 204 with the methods of an address in Allow; a method that an address does not have is a 405
with it. Every answer has X-Request-Id: that of the request, or a new one.

Ids and names are as they stand: differently composed Unicode is another id. In a path they are percent-encoded.`;

const KEYS = 'A key, where the service asks for one: made by `sparserec keys create` or `POST /v1/keys`.';

export function createAdapter(environment: Environment): FastifyAdapter {
  return new FastifyAdapter({
    bodyLimit: environment.BODY_LIMIT_MB * MEBIBYTE,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH, querystringParser: parseQuery },
    forceCloseConnections: true,
    trustProxy: environment.TRUST_PROXY ?? false,
    // No hook has run then.
    frameworkErrors: (error: Error, _request: unknown, reply: FastifyReply) =>
      sendProblem(reply.headers(SECURITY_HEADERS), error),
    clientErrorHandler: answerClientError,
    genReqId: requestIdOf,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // An import may take hours. Clients that are slow are cut off otherwise.
    requestTimeout: 0,
    http: { requireHostHeader: false, headersTimeout: HEADERS_MS },
  });
}

/** Everything between HTTP and the controllers; shared by main.ts and the tests. */
export function configureApp(app: NestFastifyApplication, environment: Environment): void {
  app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
  app.useGlobalPipes(new RequestPipe());
  app.useGlobalGuards(new UnknownParametersGuard());
  app.useGlobalFilters(new ProblemFilter());
  knowPublicAddress(app, environment);
  sendSecurityHeaders(app);
  app.get(HttpDrain).watch(app);
  cutOffSlowClients(app, environment);
  app.get(RequestCounts).watch(app);
  traceRequests(app);
  answerRequestIds(app);
  refuseMalformedRequests(app);
  answerOtherOrigins(app, environment);
  // The plugin adds its hooks first.
  app
    .getHttpAdapter()
    .getInstance()
    .after(() => letCallersIn(app, environment));
  answerOtherMethods(app);
  auditCalls(app);
  revalidateAnswers(app);
  hashIdempotentBodies(app);
  readBodies(app, {
    urls: [IMPORT_ROUTE, ITEMS_IMPORT_ROUTE, USERS_IMPORT_ROUTE],
    types: IMPORT_TYPES,
    maxBytes: environment.IMPORT_LIMIT_MB * MEBIBYTE,
  });
  if (environment.LOG_LEVEL === 'debug') reportRequests(app);
  documentCalls(app);
}

function letCallersIn(app: NestFastifyApplication, environment: Environment): void {
  shedLoad(app, environment);
  recogniseCallers(app);
  limitCalls(app, environment);
  admitCallers(app, environment);
}

function documentCalls(app: NestFastifyApplication): void {
  const document = new DocumentBuilder()
    .setTitle('sparserec')
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .addBearerAuth({ type: 'http', description: KEYS })
    .build();
  // Before the first key none is needed.
  document.security = [{}, { bearer: [] }];
  const createDocument = () =>
    allowNullInEnums(
      documentRefusals(
        documentProblemsOfAll(
          SwaggerModule.createDocument(app, document, { operationIdFactory: nameOfCall }),
        ),
      ),
    );
  SwaggerModule.setup('docs', app, createDocument, {
    // The badge would be an image of another site.
    swaggerOptions: { validatorUrl: null },
    patchDocumentOnRequest: (request, _reply, whole) => withServer(request as FastifyRequest, whole),
  });
}

/** `RecommendationsController.forUser` is `recommendationsForUser`: what clients call it. */
function nameOfCall(controller: string, method: string): string {
  const subject = controller.replace(/Controller$/, '');
  return `${subject[0]!.toLowerCase()}${subject.slice(1)}${method[0]!.toUpperCase()}${method.slice(1)}`;
}

/** One line a request, with the route in place of the address, which holds ids. */
function reportRequests(app: NestFastifyApplication): void {
  const logger = new Logger('http');
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onResponse', (request, reply, done) => {
      const { method, routeOptions } = request;
      const durationMs = Math.round(reply.elapsedTime);
      const route = routeOptions.url ?? null;
      const names = namesOf(request);
      logger.debug({
        event: 'request.completed',
        ...names,
        method,
        route,
        status: reply.statusCode,
        durationMs,
      });
      done();
    });
}
