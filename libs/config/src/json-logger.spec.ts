import { JsonLogger } from './json-logger.js';

describe('JsonLogger', () => {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>);
  beforeEach(() => (lines.length = 0));

  it('prints an event and its fields as one object', () => {
    new JsonLogger('info', write).log({ event: 'training.completed', durationMs: 12 }, 'TrainingService');
    expect(lines).toEqual([
      { time: expect.any(String), level: 'info', event: 'training.completed', durationMs: 12 },
    ]);
  });

  it("keeps Nest's own messages as fields of a debug message", () => {
    new JsonLogger('info', write).log('started', 'NestApplication');
    new JsonLogger('debug', write).log('started', 'NestApplication');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      level: 'debug',
      event: 'nest.log',
      message: 'started',
      context: ['NestApplication'],
    });
  });

  it('names in every line what led to it; fields of the line itself come first', () => {
    const logger = new JsonLogger('info', write);
    logger.nameLinesBy(() => ({ requestId: 'around', traceId: undefined }));
    logger.log({ event: 'a', runId: 1 });
    logger.log({ event: 'b', requestId: 'own' });
    const line = { time: expect.any(String), level: 'info' };
    expect(lines).toEqual([
      { ...line, event: 'a', requestId: 'around', runId: 1 },
      { ...line, event: 'b', requestId: 'own' },
    ]);
  });

  it('prints nothing below its level', () => {
    const logger = new JsonLogger('warn', write);
    logger.log({ event: 'a' });
    logger.debug({ event: 'b' });
    logger.warn({ event: 'c' });
    expect(lines.map((line) => line['event'])).toEqual(['c']);
  });

  it('prints nothing at all when silent', () => {
    new JsonLogger('silent', write).fatal({ event: 'a' });
    expect(lines).toEqual([]);
  });

  it('prints errors with their stack and cause', () => {
    const error = new Error('outer', { cause: new TypeError('inner') });
    new JsonLogger('info', write).error({ event: 'training.failed', error });
    expect(lines[0]?.['error']).toMatchObject({
      message: 'outer',
      stack: expect.stringContaining('json-logger.spec'),
      cause: { name: 'TypeError', message: 'inner' },
    });
  });

  it('prints the event of a message that cannot be printed', () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    new JsonLogger('info', write).warn({ event: 'queue.error', circle });
    expect(lines).toEqual([
      { time: expect.any(String), level: 'warn', event: 'queue.error', unprintable: expect.any(String) },
    ]);
  });
});
