import { InvalidArgumentError } from 'commander';

/** `--param name=value`, repeatable; numbers and booleans are read as such. */
export function collectParameter(
  text: string,
  collected: Record<string, unknown> = {},
): Record<string, unknown> {
  const [name, value] = splitOnce(text);
  if (!name || value === undefined)
    throw new InvalidArgumentError('write name=value, for example regularization=300');
  return { ...collected, [name]: parseValue(value) };
}

/** `--param model.name=value`, repeatable: the parameters of each model. */
export function collectModelParameter(
  text: string,
  collected: Record<string, Record<string, unknown>> = {},
): Record<string, Record<string, unknown>> {
  const [model, parameter] = splitOnce(text, '.');
  if (!model || parameter === undefined || text.indexOf('=') < text.indexOf('.'))
    throw new InvalidArgumentError('write model.name=value, for example ease.regularization=300');
  return { ...collected, [model]: collectParameter(parameter, collected[model]) };
}

function splitOnce(text: string, separator = '='): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function parseValue(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

const MAX_K = 10_000;

/** `--k 20,50`. */
export function parseKs(text: string): number[] {
  const ks = text.split(',').map(Number);
  if (ks.every((k) => Number.isInteger(k) && k >= 1 && k <= MAX_K)) return ks;
  throw new InvalidArgumentError(`write whole numbers from 1 to ${MAX_K}, for example 20,50`);
}

/** `--seed 1`. */
export function parseSeed(text: string): number {
  const seed = Number(text);
  if (Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32) return seed;
  throw new InvalidArgumentError('write a whole number from 0 to 4294967295');
}

/** `--tune-users 8000`. */
export function parseUsers(text: string): number {
  const users = Number(text);
  if (Number.isSafeInteger(users) && users >= 1) return users;
  throw new InvalidArgumentError('write a whole number of at least 1, for example 8000');
}

/** `--models ease,item-knn`. */
export function parseModels(text: string): string[] {
  return [...new Set(text.split(','))];
}

/** `--max-flops 1e12`. */
export function parseFlops(text: string): number {
  const flops = Number(text);
  if (flops > 0 && Number.isFinite(flops)) return flops;
  throw new InvalidArgumentError('write a number above 0, for example 1e12');
}

const MAX_THREADS = 256;

/** `--threads 2`. */
export function parseThreads(text: string): number {
  const threads = Number(text);
  if (Number.isInteger(threads) && threads >= 1 && threads <= MAX_THREADS) return threads;
  throw new InvalidArgumentError(`write a whole number from 1 to ${MAX_THREADS}`);
}
