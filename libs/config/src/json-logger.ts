import type { LoggerService } from '@nestjs/common';

/** From most to least severe; `silent` prints nothing. */
export const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A dotted event and its fields, e.g. `{ event: 'training.completed', runId, durationMs }`. */
export interface LogEvent {
  readonly event: string;
  readonly [field: string]: unknown;
}

/**
 * One JSON object a line: time, level, event, then fields. Nest's own messages become the event `nest.log`,
 * and its reports of progress are debug messages.
 */
export class JsonLogger implements LoggerService {
  #namesOfLine: () => object = () => ({});

  constructor(
    private readonly level: LogLevel,
    private readonly write: (line: string) => void = (line) => void process.stdout.write(line),
  ) {}

  /** @param namesOfLine fields of every line, such as the request that led to it; its own come first */
  nameLinesBy(namesOfLine: () => object): void {
    this.#namesOfLine = namesOfLine;
  }

  log(message: unknown, ...context: unknown[]): void {
    this.#print(isLogEvent(message) ? 'info' : 'debug', message, context);
  }

  fatal(message: unknown, ...context: unknown[]): void {
    this.#print('fatal', message, context);
  }

  error(message: unknown, ...context: unknown[]): void {
    this.#print('error', message, context);
  }

  warn(message: unknown, ...context: unknown[]): void {
    this.#print('warn', message, context);
  }

  debug(message: unknown, ...context: unknown[]): void {
    this.#print('debug', message, context);
  }

  verbose(message: unknown, ...context: unknown[]): void {
    this.#print('debug', message, context);
  }

  #print(level: LogLevel, message: unknown, context: readonly unknown[]): void {
    if (LOG_LEVELS.indexOf(level) > LOG_LEVELS.indexOf(this.level)) return;
    const fields = isLogEvent(message)
      ? message
      : { event: 'nest.log', message, context: context.filter((part) => part !== undefined) };
    const { event, ...rest } = fields;
    const line = { time: new Date().toISOString(), level, event, ...this.#namesOfLine(), ...rest };
    this.write(`${toJson(line)}\n`);
  }
}

function isLogEvent(message: unknown): message is LogEvent {
  return typeof message === 'object' && message !== null && 'event' in message;
}

/** An error may carry anything, also a circle: a log line never fails what it reports. */
function toJson(line: LogEvent): string {
  try {
    return JSON.stringify(line, serialize);
  } catch (error) {
    const { time, level, event } = line;
    return JSON.stringify({ time, level, event, unprintable: String(error) });
  }
}

function serialize(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (!(value instanceof Error)) return value;
  const { name, message, stack, cause } = value;
  return Object.assign({}, value, { name, message, stack, cause });
}
