import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { DomainError, isName, NAME_RULE } from '#domain';
import { callService, parseServiceUrl, type ServiceAddress } from './service.js';

interface DeleteOptions {
  readonly catalog: string;
  readonly url: string;
  readonly key?: string;
  readonly yes?: true;
  readonly json?: true;
}

const HELP = `
Everything in the catalog goes, wherever the service has it: interactions, users, items, models, training runs and schedules, in
PostgreSQL, in Redis and in memory. There is no way back, so you are asked to repeat the catalog's name; --yes does without.

The service does the work, and this command waits for its end. Ctrl-C ends the waiting only. The receipt, which is printed at
the end, can be read at its address for 90 days. The name is free when the receipt says "done".

Examples:
  npm run -s sparserec -- delete --catalog shop
  npm run -s sparserec -- delete --catalog shop --yes --json --url http://127.0.0.1:3000
`;
const POLL_MS = 250;
const LINE_EVERY_MS = 2_000;

const catalogReply = z.object({ userCount: z.number(), itemCount: z.number() });
const receiptReply = z.looseObject({
  id: z.string(),
  status: z.enum(['running', 'done']),
  deleted: z.record(z.string(), z.number()),
});
type Receipt = z.infer<typeof receiptReply>;

export function deleteCommand(): Command {
  return new Command('delete')
    .description('delete a catalog of a running service, with everything in it')
    .requiredOption('--catalog <id>', 'catalog that goes', parseCatalog)
    .option('--url <url>', 'address of the service', parseServiceUrl, 'http://127.0.0.1:3000')
    .addOption(new Option('--key <token>', 'where the service asks for one').env('SPARSEREC_KEY'))
    .option('--yes', 'do not ask')
    .option('--json', 'print the receipt as one JSON object')
    .addHelpText('after', HELP)
    .action(runDelete);
}

function parseCatalog(text: string): string {
  if (isName(text)) return text;
  throw new InvalidArgumentError(NAME_RULE);
}

async function runDelete(options: DeleteOptions): Promise<void> {
  const { catalog, url, key, yes, json } = options;
  const service = { url, key };
  const path = `/v1/catalogs/${catalog}`;
  if (!yes) await confirm(catalog, await callService(service, ['GET', path], catalogReply));
  const receipt = await waitUntilDone(service, await callService(service, ['DELETE', path], receiptReply));
  process.stdout.write(json ? `${JSON.stringify(receipt)}\n` : toText(catalog, receipt));
}

/** @throws DomainError `validation-failed` unless the name is repeated */
async function confirm(
  catalog: string,
  { userCount, itemCount }: z.infer<typeof catalogReply>,
): Promise<void> {
  const counts = `${userCount.toLocaleString('en')} users and ${itemCount.toLocaleString('en')} items`;
  process.stderr.write(`This deletes the catalog "${catalog}" with ${counts} for good.\n`);
  const answer = await ask('Repeat its name to go on: ');
  if (answer === catalog) return;
  throw new DomainError('validation-failed', `Nothing was deleted: the answer was not "${catalog}"`);
}

/** The first line of standard input; '' when it ends before. */
async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  lines.setPrompt(question);
  lines.prompt();
  try {
    for await (const line of lines) return line.trim();
    process.stderr.write('\n');
    return '';
  } finally {
    lines.close();
  }
}

async function waitUntilDone(service: ServiceAddress, started: Receipt): Promise<Receipt> {
  const path = `/v1/catalog-deletions/${started.id}`;
  let receipt = started;
  let last = performance.now();
  if (receipt.status === 'running')
    process.stderr.write(`Deleting; the receipt is at ${service.url}${path}\n`);
  while (receipt.status === 'running') {
    await delay(POLL_MS);
    receipt = await callService(service, ['GET', path], receiptReply);
    if (performance.now() - last < LINE_EVERY_MS) continue;
    last = performance.now();
    process.stderr.write(`${sum(receipt.deleted).toLocaleString('en')} rows deleted\n`);
  }
  return receipt;
}

function sum(counts: Receipt['deleted']): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

function toText(catalog: string, { id, deleted }: Receipt): string {
  const rows = Object.entries(deleted).map(
    ([name, count]) => `  ${name.padEnd(16)}${count.toLocaleString('en').padStart(12)}\n`,
  );
  return `Deleted the catalog "${catalog}", by receipt ${id}:\n${rows.join('')}`;
}
