import fc from 'fast-check';
import { WaitingLine } from './waiting-line.js';

const options = { code: 'too-busy', detail: 'Too many wait', retryAfterSeconds: 1 } as const;

/** Work that ends when it is told to. */
function work() {
  let end = (): void => undefined;
  let fail = (_error: Error): void => undefined;
  const done = new Promise<string>((resolve, reject) => {
    end = () => resolve('done');
    fail = reject;
  });
  return { done, end, fail };
}

describe('a waiting line', () => {
  it('works on as many at once as it is wide, in their order, and refuses those beyond its room', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.nat(5),
        fc.integer({ min: 1, max: 15 }),
        async (width, room, count) => {
          const line = new WaitingLine({ ...options, width, room });
          const begun: number[] = [];
          const pieces = Array.from({ length: count }, work);
          const results = pieces.map(({ done }, position) =>
            line.run(() => {
              begun.push(position);
              return done;
            }),
          );
          for (const result of results) result.catch(() => undefined);
          const taken = Math.min(count, width + room);
          for (let ended = 0; ended < taken; ended++) {
            await Promise.resolve();
            expect(begun).toEqual(Array.from({ length: Math.min(taken, ended + width) }, (_, n) => n));
            pieces[ended]!.end();
            await results[ended];
            await new Promise(setImmediate);
          }
          const outcomes = await Promise.allSettled(results);
          expect(outcomes.map(({ status }) => status === 'fulfilled')).toEqual(
            pieces.map((_, position) => position < taken),
          );
        },
      ),
      { numRuns: 100, seed: 8 },
    );
  });

  it('goes on after work that fails', async () => {
    const line = new WaitingLine({ ...options, width: 1, room: 1 });
    const first = work();
    const [failing, next] = [line.run(() => first.done), line.run(() => Promise.resolve('next'))];
    first.fail(new Error('lost'));
    await expect(failing).rejects.toThrow('lost');
    await expect(next).resolves.toBe('next');
  });

  it('says when to come back by what is ahead', async () => {
    const line = new WaitingLine({ ...options, width: 2, room: 1 });
    const piece = work();
    const taken = [4_000, 4_000, 3_000].map((ms) => line.run(() => piece.done, ms));
    await expect(line.run(() => piece.done, 1)).rejects.toMatchObject({
      code: 'too-busy',
      retryAfterSeconds: 6,
    });
    piece.end();
    await Promise.all(taken);
    const none = new WaitingLine({ ...options, width: 1, room: 0 });
    const only = none.run(() => work().done);
    await expect(none.run(() => only)).rejects.toMatchObject({ retryAfterSeconds: 1 });
  });

  it('refuses everybody who waits or comes once it is closed, and lets the rest end', async () => {
    const line = new WaitingLine({ ...options, width: 1, room: 5 });
    const piece = work();
    const [atWork, waiting] = [line.run(() => piece.done), line.run(() => piece.done)];
    line.close();
    await expect(waiting).rejects.toMatchObject({ code: 'too-busy' });
    await expect(line.run(() => piece.done)).rejects.toMatchObject({ code: 'too-busy' });
    piece.end();
    await expect(atWork).resolves.toBe('done');
  });
});
