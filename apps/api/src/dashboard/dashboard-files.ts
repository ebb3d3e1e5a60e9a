import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Injectable } from '@nestjs/common';
import { DomainError } from '#domain';

/** Beside `dist/apps`, where `scripts/lib/build.mjs` puts it. */
const FOLDER = fileURLToPath(new URL('../../../../dashboard/', import.meta.url));
const SHELL = 'index.html';
const ASSETS = 'assets';
const PACKED = '.gz';
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** A file of the dashboard, in memory. */
export interface DashboardFile {
  readonly type: string;
  readonly etag: string;
  readonly body: Buffer;
  /** The same by gzip; null where it is not shorter. */
  readonly packed: Buffer | null;
}

/**
 * What the dashboard is made of. All of it is read when a browser first asks: so a build beside a running
 * process never mixes two versions, and a process that nobody looks at keeps nothing.
 */
@Injectable()
export class DashboardFiles {
  #files: Promise<ReadonlyMap<string, DashboardFile>> | null = null;

  /** @throws DomainError `route-not-found` where the dashboard was not built */
  async shell(): Promise<DashboardFile> {
    const shell = (await this.#all()).get(SHELL);
    if (!shell) throw new DomainError('route-not-found', 'The dashboard is not built; run "npm run build"');
    return shell;
  }

  /** @throws DomainError `route-not-found` */
  async asset(name: string): Promise<DashboardFile> {
    const asset = (await this.#all()).get(`${ASSETS}/${name}`);
    if (!asset) throw new DomainError('route-not-found', 'The dashboard has no such file');
    return asset;
  }

  #all(): Promise<ReadonlyMap<string, DashboardFile>> {
    this.#files ??= readAll().catch((error: unknown) => {
      this.#files = null;
      if (isMissing(error)) return new Map();
      throw error;
    });
    return this.#files;
  }
}

async function readAll(): Promise<Map<string, DashboardFile>> {
  const names = await readdir(FOLDER, { recursive: true });
  const wanted = names.filter((name) => extname(name) in TYPES);
  return new Map(await Promise.all(wanted.map(async (name) => [name, await readOne(name, names)] as const)));
}

async function readOne(name: string, names: readonly string[]): Promise<DashboardFile> {
  const body = await readFile(join(FOLDER, name));
  const packed = names.includes(name + PACKED) ? await readFile(join(FOLDER, name + PACKED)) : null;
  const etag = `"${createHash('sha256').update(body).digest('base64url')}"`;
  return { type: TYPES[extname(name)]!, etag, body, packed };
}

/** Not built yet: it may be at the next call. */
function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
