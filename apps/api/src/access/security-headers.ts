import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { onSendHookHandler } from 'fastify';
import helmet, { type HelmetOptions } from 'helmet';
import { PAGES } from './route-access.js';

type Headers = Readonly<Record<string, string>>;

const FRAMES = { frameAncestors: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"] };
/** TLS ends at a proxy, which alone knows whether all of its host has TLS. */
const COMMON = { strictTransportSecurity: false, xFrameOptions: { action: 'deny' } } as const;
/** In the logo that the script of Swagger UI draws. */
const LOGO_STYLE = '.logo_small_svg__cls-2{fill:#fff}.logo_small_svg__cls-3{fill:#85ea2d}';

/**
 * Of every answer, as Helmet makes them once. Its plugin for Fastify (`@fastify/helmet` 13.2) makes them anew
 * for each answer, and takes 9 µs a call more than this, where keys, limits and metrics together may take 5.
 * What only pages can make use of is left out.
 */
export const SECURITY_HEADERS: Headers = headersOf({
  ...COMMON,
  contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], ...FRAMES } },
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
});

/** Of the dashboard: all that it loads and asks is of this service, and nothing stands in the page itself. */
export const DASHBOARD_HEADERS: Headers = headersOf({
  ...COMMON,
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      ...{ scriptSrc: ["'self'"], styleSrc: ["'self'"], imgSrc: ["'self'"], connectSrc: ["'self'"] },
      // Text never becomes HTML or code by mistake.
      requireTrustedTypesFor: ["'script'"],
      ...FRAMES,
    },
  },
});

/** To be called before all other hooks, so that refusals have them too. */
export function sendSecurityHeaders(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', (_request, reply, done) => {
    void reply.headers(SECURITY_HEADERS);
    done();
  });
  fastify.addHook('onRoute', (route) => {
    if (!PAGES.test(route.url)) return;
    // First, since HEAD takes the page away.
    route.onSend = [sendPageHeaders, ...[route.onSend ?? []].flat()];
  });
}

const sendPageHeaders: onSendHookHandler = (_request, reply, payload, done) => {
  const isHtml = String(reply.getHeader('content-type')).startsWith('text/html');
  if (isHtml && typeof payload === 'string') void reply.headers(headersOfPage(payload));
  done(null, payload);
};

/** Scripts are files of ours; styles are too, or stand in the page as they were sent. */
function headersOfPage(html: string): Headers {
  const styles = [...html.matchAll(/<style>([^]*?)<\/style>|\sstyle="([^"]*)"/g)];
  const texts = [LOGO_STYLE, ...styles.map(([, sheet, attribute]) => sheet ?? attribute ?? '')];
  const directives = {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'", "'unsafe-hashes'", ...texts.map(hashSource)],
    imgSrc: ["'self'", 'data:'],
    connectSrc: ["'self'"],
    ...FRAMES,
    ...(html.includes('<base ') && { baseUri: ["'self'"] }),
  };
  return headersOf({ ...COMMON, contentSecurityPolicy: { useDefaults: false, directives } });
}

function hashSource(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** What Helmet would set on an answer. */
function headersOf(options: HelmetOptions): Headers {
  const headers: Record<string, string> = {};
  const setHeader = (name: string, value: string) => (headers[name.toLowerCase()] = value);
  const response = { setHeader, removeHeader: () => undefined } as unknown as ServerResponse;
  helmet(options)({} as never, response, () => undefined);
  return headers;
}
