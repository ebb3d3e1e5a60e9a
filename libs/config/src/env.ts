import { availableParallelism, constants, totalmem } from 'node:os';
import { z } from 'zod';
import { LOG_LEVELS } from './json-logger.js';
import { faultOfOrigins, parseOrigins } from './origins.js';
import { faultOfHttpUrl, faultOfPublicUrl, parsePublicUrl } from './public-url.js';
import { faultOfPrimary, faultOfSentinels, parseSentinels } from './sentinels.js';
import { faultOfDatabaseUrl, faultOfRedisUrl } from './server-address.js';
import { secret, settingsOf, type Setting } from './settings.js';
import { StartError } from './start-error.js';
import { faultOfTrustProxy, parseTrustProxy } from './trust-proxy.js';

const MEBIBYTE = 1024 * 1024;
/** What a container may have, where that is less than the machine has. */
const MEMORY_MB = Math.min(totalmem(), process.constrainedMemory() || Infinity) / MEBIBYTE;
const megabytes = (minimum: number, fallback: number) =>
  z.coerce.number().int().min(minimum).max(4_194_304).default(fallback);

const whole = (minimum: number, maximum: number, fallback: number) =>
  z.coerce.number().int().min(minimum).max(maximum).default(fallback);

const callsPerSecond = (fallback: number) => z.coerce.number().int().min(0).max(1_000_000).default(fallback);

/** A string whose fault, if it has one, is said in words. */
const address = (faultOf: (text: string) => string | null) =>
  z.string('set it').check((context) => {
    const message = faultOf(context.value);
    if (message !== null) context.issues.push({ code: 'custom', message, input: context.value });
  });
/** Empty where it is not given. */
const optionalAddress = (faultOf: (text: string) => string | null) =>
  address((text) => (text === '' ? null : faultOf(text))).default('');

/** By the names of OpenTelemetry. */
const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;
const faultOfCollector = (text: string) =>
  faultOfHttpUrl(text, 'write the address of the collector, as http://collector:4318');
const faultOfShare = (text: string) =>
  Number(text) >= 0 && Number(text) <= 1 ? null : 'expected a number from 0 to 1';

/** Every environment variable: its range, default and unit. `.env.example` is the same list. */
export const environmentSchema = z.object({
  DATABASE_URL: secret(
    address(faultOfDatabaseUrl).describe(
      'PostgreSQL connection URL; ?schema= names a schema other than public',
    ),
  ),
  DIRECT_DATABASE_URL: secret(
    optionalAddress(faultOfDatabaseUrl).describe(
      'where DATABASE_URL leads to a pooler: connection URL without it, for migrations and notifications',
    ),
  ),
  REDIS_URL: secret(
    optionalAddress(faultOfRedisUrl).describe(
      'Redis connection URL; empty keeps queues in PostgreSQL and caches in process memory',
    ),
  ),
  REDIS_SENTINELS: optionalAddress(faultOfSentinels)
    .transform(parseSentinels)
    .describe(
      'Sentinels that know the primary, host:port apart by commas; REDIS_URL then has the name of the primary in place of host and port',
    ),
  REDIS_SENTINEL_USERNAME: z
    .string()
    .default('')
    .describe('user name that the Sentinels ask for, where they do'),
  REDIS_SENTINEL_PASSWORD: secret(
    z
      .string()
      .default('')
      .describe('password that the Sentinels ask for, where they do; REDIS_URL has that of the primary'),
  ),
  HOST: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .transform((host) => host.replace(/^\[(.*)\]$/, '$1'))
    .describe('address the API listens on, and the worker'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000).describe('port the API listens on'),
  WORKER_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(0)
    .describe('port the worker listens on for health and metrics; 0 takes a free one, which its log names'),
  TRUST_PROXY: optionalAddress(faultOfTrustProxy)
    .transform(parseTrustProxy)
    .describe(
      'proxies whose X-Forwarded headers are believed: true for one, how many there are, or their addresses or CIDRs apart by commas; callers then need a key',
    ),
  PUBLIC_URL: optionalAddress(faultOfPublicUrl)
    .transform(parsePublicUrl)
    .describe(
      'address by which callers reach the API, such as https://example.org/recommender; callers then need a key',
    ),
  CORS_ORIGINS: optionalAddress(faultOfOrigins)
    .transform(parseOrigins)
    .describe(
      'origins whose pages may read answers, apart by commas, such as https://example.org; empty: none',
    ),
  ALLOW_REMOTE_WITHOUT_KEYS: z
    .enum(['0', '1'])
    .default('0')
    .describe(
      '1 lets callers of an address other than loopback in without a key, until the first one is made, by an IP address or a name without a dot; only where something else guards the port, and not behind a proxy',
    ),
  REQUIRE_KEYS: z
    .enum(['0', '1'])
    .default('0')
    .describe('1 asks each caller for a key, also on loopback and before the first key is made'),
  KEY_CALLS_PER_SECOND: callsPerSecond(5_000).describe(
    'calls that one key may make in a second, at all processes together; 0 sets no limit',
  ),
  ADDRESS_CALLS_PER_SECOND: callsPerSecond(1_000).describe(
    'calls without a valid key that one address may make in a second, at all processes together; 0 sets no limit; a service that loopback may call without keys counts none',
  ),
  MAX_DELAY_MS: z.coerce
    .number()
    .int()
    .min(0)
    .max(60_000)
    .default(250)
    .describe(
      'how late the event loop of an API process may be before it refuses calls, ms; 0 never refuses',
    ),
  LOG_LEVEL: z.enum(LOG_LEVELS).default('info').describe('least severe log level'),
  BODY_LIMIT_MB: megabytes(1, 8).describe('largest JSON body, MiB'),
  IMPORT_LIMIT_MB: megabytes(1, 4096).describe('largest import body, MiB'),
  SPOOL_LIMIT_MB: megabytes(1, 4096).describe(
    'largest temporary file for data that can be read once, such as standard input or a body, MiB',
  ),
  IMPORT_IDLE_SECONDS: z.coerce
    .number()
    .int()
    .min(1)
    .max(86_400)
    .default(60)
    .describe(
      'how long an import waits for more of its body, another call for all of it, and an answer for its client to take more, seconds',
    ),
  CLOCK_TOLERANCE_SECONDS: z.coerce
    .number()
    .int()
    .min(0)
    .max(86_400)
    .default(300)
    .describe("how far ahead of the server's clock an interaction may be dated, seconds"),
  TRAINING_MEMORY_MB: megabytes(64, Math.max(512, Math.floor(MEMORY_MB * 0.6))).describe(
    'memory budget of one training run, MiB',
  ),
  TRAINING_CONCURRENCY: z.coerce
    .number()
    .int()
    .min(1)
    .max(64)
    .default(1)
    .describe('training runs at once in one worker'),
  TRAINING_THREADS: z.coerce
    .number()
    .int()
    .min(1)
    .max(256)
    .default(availableParallelism())
    .describe('compute threads of one training run'),
  WORKER_NICENESS: z.coerce
    .number()
    .int()
    .min(0)
    .max(19)
    .default(constants.priority.PRIORITY_BELOW_NORMAL)
    .describe('how far other programs of the machine go before the worker; 0 on a machine of its own'),
  TRAINING_CHECKPOINT_SECONDS: whole(0, 86_400, 10).describe(
    'least time between two checkpoints of a training run, seconds; 0 keeps every epoch',
  ),
  TRAINING_PART_SECONDS: whole(1, 86_400, 3_600).describe(
    'time after which a worker ends that has not finished a part of a run, seconds',
  ),
  LIST_JOB_HOURS: whole(1, 8_760, 168).describe('how long the lists of a finished list job are kept, hours'),
  USER_CACHE_SECONDS: z.coerce
    .number()
    .int()
    .min(1)
    .max(2_592_000)
    .default(86_400)
    .describe('life of a cached user, seconds'),
  MODEL_CACHE_SECONDS: z.coerce
    .number()
    .int()
    .min(1)
    .max(2_592_000)
    .default(86_400)
    .describe('how long processes that start find a model in Redis, seconds'),
  USER_CACHE_ENTRIES: z.coerce
    .number()
    .int()
    .min(0)
    .max(10_000_000)
    .default(30_000)
    .describe(
      'users kept in process memory, with 13 KiB for each at most on average, all that they have seen included',
    ),
  CHOSEN_MODELS_MEMORY_MB: megabytes(0, Math.max(128, Math.floor(MEMORY_MB * 0.1))).describe(
    'memory of an API process for models that calls name beside the active ones, MiB; 0 refuses such calls',
  ),
  HEAVY_THREADS: z.coerce
    .number()
    .int()
    .min(0)
    .max(256)
    .default(Math.max(1, availableParallelism() - 1))
    .describe('threads for lists that take long to score; 0 scores everything on the event loop'),
  HEAVY_QUEUE: z.coerce
    .number()
    .int()
    .min(0)
    .max(10_000)
    .default(32)
    .describe('requests that may wait for one of these threads'),
  DRAIN_SECONDS: z.coerce
    .number()
    .int()
    .min(1)
    .max(3_600)
    .default(20)
    .describe('how long a process that is told to end lets calls and training runs end, seconds'),
  QUEUE_PREFIX: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,32}$/)
    .default('sparserec')
    .describe('prefix of all keys in Redis'),
  QUEUE_BOARD: z
    .enum(['read', 'write', 'off'])
    .default('read')
    .describe('what the pages at /queues may do: read, write to change queues too, or off for no pages'),
  RECONCILE_SECONDS: z.coerce
    .number()
    .int()
    .min(1)
    .max(3_600)
    .default(5)
    .describe('how often lost runs and schedules are looked for'),
  OTEL_EXPORTER_OTLP_ENDPOINT: optionalAddress(faultOfCollector).describe(
    'where traces are sent to by OTLP over HTTP as JSON, such as http://collector:4318; empty sends none',
  ),
  OTEL_EXPORTER_OTLP_HEADERS: secret(
    z.string().default('').describe('headers for it, such as authorization=Bearer%20TOKEN, apart by commas'),
  ),
  OTEL_SERVICE_NAME: z
    .string()
    .default('')
    .describe('service that traces name; empty: sparserec-api and sparserec-worker'),
  OTEL_RESOURCE_ATTRIBUTES: z
    .string()
    .default('')
    .describe('what traces say of the process, such as deployment.environment.name=test, apart by commas'),
  OTEL_TRACES_SAMPLER: z
    .enum(['', ...SAMPLERS])
    .default('')
    .describe(`which traces are kept: ${SAMPLERS.join(', ')}; empty: parentbased_always_on`),
  OTEL_TRACES_SAMPLER_ARG: optionalAddress(faultOfShare).describe(
    'share of traces that a sampler by ratio keeps, 0 to 1',
  ),
});
export type Environment = z.infer<typeof environmentSchema>;

/** Names of invalid variables and why, never their values. */
export class EnvironmentError extends StartError {
  constructor(issues: readonly string[]) {
    super(`Invalid environment:\n${issues.map((issue) => `  ${issue}`).join('\n')}`);
    this.name = 'EnvironmentError';
  }
}

/** The only reader of `process.env`. */
export function loadEnvironment(source: NodeJS.ProcessEnv = process.env): Environment {
  const result = environmentSchema.safeParse(source);
  if (!result.success)
    throw new EnvironmentError(
      result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`),
    );
  const fault = faultOfPrimary(result.data);
  if (fault !== null) throw new EnvironmentError([fault]);
  return result.data;
}

/** The settings in force, without what is secret in them. */
export function loadSettings(source: NodeJS.ProcessEnv = process.env): Setting[] {
  return settingsOf(environmentSchema.shape, source);
}
