import { DomainError } from '#domain';
import { Rounds } from './rounds.js';

describe('Rounds', () => {
  const work = jest.fn();
  const logger = { warn: jest.fn(), error: jest.fn() };
  const away = new DomainError('queue-unavailable', 'away');
  const events = () =>
    [logger.warn, logger.error].flatMap(({ mock }) => mock.calls).map(([{ event }]) => event);
  let rounds: Rounds;

  beforeEach(() => {
    jest.useFakeTimers();
    jest.resetAllMocks();
    rounds = new Rounds('tidying', work, logger);
    rounds.start(1_000);
  });
  afterEach(async () => {
    await rounds.stop();
    jest.useRealTimers();
  });

  /** Makes the next round one that lasts. @returns ends it */
  const holdNext = () => {
    let end = (): void => undefined;
    work.mockImplementationOnce(() => new Promise<void>((resolve) => (end = resolve)));
    return () => end();
  };

  it('begin at every interval, and when they are asked for', async () => {
    await jest.advanceTimersByTimeAsync(3_500);
    expect(work).toHaveBeenCalledTimes(3);
    rounds.request();
    expect(work).toHaveBeenCalledTimes(4);
  });

  it('are not begun by an interval while one is going on', async () => {
    const end = holdNext();
    await jest.advanceTimersByTimeAsync(5_500);
    expect(work).toHaveBeenCalledTimes(1);
    end();
    await jest.advanceTimersByTimeAsync(0);
    expect(work).toHaveBeenCalledTimes(1);
    await jest.advanceTimersByTimeAsync(500);
    expect(work).toHaveBeenCalledTimes(2);
  });

  it('are followed by one more, however often that is asked for during one', async () => {
    const end = holdNext();
    for (let n = 0; n < 3; n++) rounds.request();
    expect(work).toHaveBeenCalledTimes(1);
    end();
    await jest.advanceTimersByTimeAsync(0);
    expect(work).toHaveBeenCalledTimes(2);
  });

  it('lose no request, whichever moment at the end of one it comes at', async () => {
    for (let turns = 0; turns < 6; turns++) {
      work.mockClear();
      rounds.request();
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      rounds.request();
      await jest.advanceTimersByTimeAsync(0);
      expect(work).toHaveBeenCalledTimes(2);
    }
  });

  it('end with the present one when they are stopped', async () => {
    const end = holdNext();
    rounds.request();
    rounds.request();
    const hasStopped = jest.fn();
    const stopped = rounds.stop().then(hasStopped);
    await jest.advanceTimersByTimeAsync(2_000);
    expect(hasStopped).not.toHaveBeenCalled();
    end();
    await stopped;
    rounds.request();
    await jest.advanceTimersByTimeAsync(2_000);
    expect(work).toHaveBeenCalledTimes(1);
  });

  it('say once that an outage postpones them, and once more at the next outage', async () => {
    for (const outcome of [away, away, null, away])
      if (outcome) work.mockRejectedValueOnce(outcome);
      else work.mockResolvedValueOnce(undefined);
    await jest.advanceTimersByTimeAsync(5_000);
    expect(work).toHaveBeenCalledTimes(5);
    expect(events()).toEqual(['tidying.postponed', 'tidying.postponed']);
  });

  it('say of every other error that it is one, and go on', async () => {
    const bug = new Error('a bug');
    for (const error of [bug, bug, away]) work.mockRejectedValueOnce(error);
    await jest.advanceTimersByTimeAsync(4_000);
    expect(work).toHaveBeenCalledTimes(4);
    expect(events()).toEqual(['tidying.postponed', 'tidying.failed', 'tidying.failed']);
  });
});
