import { DomainError } from './errors.js';
import { settle, unwrap } from './thread-outcome.js';

/** What is left of it after it went from one thread to another. */
async function sent<Value>(call: () => Value | Promise<Value>): Promise<Value> {
  return unwrap(structuredClone(await settle(call)));
}

describe('the outcome of a call in another thread', () => {
  it('is what the call returned, at once or later', async () => {
    expect(await sent(() => 5)).toBe(5);
    expect(await sent(() => Promise.resolve(Float32Array.of(1, 2)))).toEqual(Float32Array.of(1, 2));
    expect(await sent(() => null)).toBeNull();
  });

  it('is the domain error that the call threw', async () => {
    const outcome = sent(() => Promise.reject(new DomainError('model-corrupt', 'it is short')));
    await expect(outcome).rejects.toBeInstanceOf(DomainError);
    await expect(outcome).rejects.toMatchObject({ code: 'model-corrupt', message: 'it is short' });
  });

  it.each([
    [new RangeError('too large'), 'too large'],
    ['no error at all', 'no error at all'],
  ])('is a plain error of any other, with its words', async (thrown, message) => {
    const outcome = sent(() => Promise.reject(thrown as Error));
    await expect(outcome).rejects.not.toBeInstanceOf(DomainError);
    await expect(outcome).rejects.toThrow(new Error(message));
  });

  it('says where an error was thrown', async () => {
    const thrown = new RangeError('too large');
    const outcome = sent(() => Promise.reject(thrown));
    await expect(outcome).rejects.toMatchObject({ stack: thrown.stack });
  });
});
