import { METHODS } from 'node:http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DomainError } from '#domain';

interface Address {
  /** Of its pattern: `:id` is anything, and `*` all that follows. */
  readonly parts: readonly string[];
  readonly methods: readonly string[];
}

/** The route that the plugin for other origins has, for OPTIONS of any address. */
const OF_PREFLIGHTS = '*';

/**
 * Answers the methods that an address does not have: OPTIONS by 204, others by 405, both with `Allow`. By a
 * hook of what no route has, since a route for each of them, four thousand in all, takes a tenth of a start.
 *
 * To be called before the routes are made. Its hook comes after those that ask for a key.
 */
export function answerOtherMethods(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  const addresses: Address[] = [];
  fastify.addHook('onRoute', ({ method, url }) => {
    if (url !== OF_PREFLIGHTS) addresses.push({ parts: url.split('/'), methods: [method].flat() });
  });
  fastify.after(() =>
    fastify.addHook('onRequest', ({ is404, method, url, routeOptions }, reply, done) => {
      const hasNoRoute = is404 || routeOptions.url === OF_PREFLIGHTS;
      const methods = hasNoRoute ? methodsAt(url, addresses) : null;
      // An address that has the method is none for another reason: its id is too long.
      if (!methods?.size || methods.has(method)) {
        done();
        return;
      }
      const allow = METHODS.filter((one) => methods.has(one) || one === 'OPTIONS');
      if (method === 'OPTIONS') void reply.status(204).header('allow', allow.join(', ')).send();
      else done(methodNotAllowed(method, allow));
    }),
  );
}

/** Of `items/import` those of `items/:id` too, since `import` may be an id. */
function methodsAt(url: string, addresses: readonly Address[]): ReadonlySet<string> {
  const parts = decodeURI(url.replace(/[?#].*$/s, '')).split('/');
  const found = addresses.filter((address) => isOf(address.parts, parts));
  return new Set(found.flatMap(({ methods }) => methods));
}

/** An address without its id is none. */
function isOf(pattern: readonly string[], parts: readonly string[]): boolean {
  const isOpen = pattern.at(-1) === '*';
  if (isOpen ? parts.length < pattern.length : parts.length !== pattern.length) return false;
  return pattern.every(
    (part, n) => part === '*' || (part.startsWith(':') ? parts[n] !== '' : part === parts[n]),
  );
}

function methodNotAllowed(method: string, allow: readonly string[]): DomainError {
  const detail = `The address has ${allow.join(', ')}, and not ${method}`;
  return new DomainError('method-not-allowed', detail, { allow });
}
