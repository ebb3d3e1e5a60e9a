import { METHODS } from 'node:http';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '#domain';

/** Node takes CONNECT for a tunnel and never passes it on. */
const ALL = METHODS.filter((method) => method !== 'CONNECT');

/** Answers the methods that an address does not have: OPTIONS by 204, others by 405, both with `Allow`. */
@Injectable()
export class OtherMethods implements OnApplicationBootstrap {
  readonly #fastify: FastifyInstance;
  readonly #methodsOf = new Map<string, Set<string>>();

  constructor({ httpAdapter }: HttpAdapterHost<FastifyAdapter>) {
    this.#fastify = httpAdapter.getInstance<FastifyInstance>();
    for (const method of ALL)
      if (!this.#fastify.supportedMethods.includes(method)) this.#fastify.addHttpMethod(method);
    this.#fastify.addHook('onRoute', ({ method, url }) => {
      if (url === '*') return;
      this.#methodsOf.set(url, new Set([...(this.#methodsOf.get(url) ?? []), ...[method].flat()]));
    });
  }

  /** All other routes are made by now. */
  onApplicationBootstrap(): void {
    // Before any is added, since those are heard of as well.
    const methodsAt = [...this.#methodsOf.keys()].map((url) => [url, this.#methodsAt(url)] as const);
    for (const [url, methods] of methodsAt) {
      const allow = ALL.filter((method) => methods.has(method) || method === 'OPTIONS');
      this.#fastify.route({
        method: ALL.filter((method) => !methods.has(method)),
        url,
        config: { access: 'any-key' },
        onRequest: (request, reply) => answer(request, reply, allow),
        handler: () => undefined,
      });
    }
  }

  /** Of `items/import` those of `items/:id` too, since `import` may be an id. */
  #methodsAt(url: string): ReadonlySet<string> {
    const own = [...this.#methodsOf].filter(([pattern]) => isCovered(url, pattern));
    return new Set(own.flatMap(([, methods]) => [...methods]));
  }
}

function isCovered(url: string, pattern: string): boolean {
  const [parts, wanted] = [url.split('/'), pattern.split('/')];
  return (
    parts.length === wanted.length && wanted.every((part, n) => part.startsWith(':') || part === parts[n])
  );
}

async function answer(request: FastifyRequest, reply: FastifyReply, allow: readonly string[]) {
  // An address without its id is none.
  if (Object.values(request.params ?? {}).includes('')) reply.callNotFound();
  else if (request.method === 'OPTIONS') await reply.status(204).header('allow', allow.join(', ')).send();
  else throw methodNotAllowed(request.method, allow);
}

function methodNotAllowed(method: string, allow: readonly string[]): DomainError {
  const detail = `The address has ${allow.join(', ')}, and not ${method}`;
  return new DomainError('method-not-allowed', detail, { allow });
}
