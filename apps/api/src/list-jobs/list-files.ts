import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { Injectable } from '@nestjs/common';
import { ListJobsRepository, toParquet } from '#data';
import type { ListJob, StoredList } from '#domain';
import type { ListFileFormat } from './dto/list-jobs.dto.js';

const unpack = promisify(gunzip);

/** Writes the lists of finished jobs, part by part. */
@Injectable()
export class ListFiles {
  constructor(private readonly jobs: ListJobsRepository) {}

  /** Leaves `output` open. @throws Error when the job is removed meanwhile */
  async write(job: ListJob, format: ListFileFormat, output: Writable): Promise<void> {
    const chunks = format === 'jsonl' ? this.#parts(job) : toParquet(this.#rows(job), 'lists');
    await pipeline(Readable.from(chunks), output, { end: false });
  }

  async *#parts({ id, parts }: ListJob): AsyncGenerator<Buffer> {
    for (let position = 0; position < parts; position++) {
      const bytes = await this.jobs.loadPart(id, position);
      if (!bytes) throw new Error('The list job was removed');
      yield await unpack(bytes);
    }
  }

  /** One JSON object a line for each place of each list. */
  async *#rows(job: ListJob): AsyncGenerator<Buffer> {
    for await (const part of this.#parts(job)) {
      const lists = part.toString('utf8').split('\n').filter(Boolean);
      yield Buffer.from(lists.map((line) => rowsOf(JSON.parse(line) as StoredList)).join(''));
    }
  }
}

function rowsOf({ userId, items, personalised: given }: StoredList): string {
  const personalised = given !== false;
  return items
    .map((item, place) => `${JSON.stringify({ userId, rank: place + 1, ...item, personalised })}\n`)
    .join('');
}
