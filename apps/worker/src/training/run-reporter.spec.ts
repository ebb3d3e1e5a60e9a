import { DomainError } from '#domain';
import { RunReporter } from './run-reporter.js';

describe('RunReporter', () => {
  const reportProgress = jest.fn();
  const onCancelRequested = jest.fn();
  const onFailure = jest.fn();
  let reporter: RunReporter;

  beforeEach(() => {
    jest.useFakeTimers();
    jest.resetAllMocks();
    reportProgress.mockResolvedValue({ cancelRequested: false });
    reporter = new RunReporter({ reportProgress }, 'run-1', { onCancelRequested, onFailure });
    reporter.start();
  });
  afterEach(async () => {
    await reporter.stop();
    jest.useRealTimers();
  });

  it('reports at most four times a second', async () => {
    for (let ms = 0; ms < 1_000; ms += 10) {
      reporter.update('fitting', ms / 1_000);
      await jest.advanceTimersByTimeAsync(10);
    }
    expect(reportProgress).toHaveBeenCalledTimes(4);
  });

  it('asks once a second for a wish to cancel while nothing changes', async () => {
    await jest.advanceTimersByTimeAsync(250);
    reportProgress.mockClear().mockResolvedValue({ cancelRequested: true });
    await jest.advanceTimersByTimeAsync(1_000);
    expect(reportProgress).toHaveBeenCalledTimes(1);
    expect(onCancelRequested).toHaveBeenCalledTimes(1);
  });

  it('asks so too after the clock was stepped back by an hour', async () => {
    await jest.advanceTimersByTimeAsync(250);
    reportProgress.mockClear();
    jest.setSystemTime(Date.now() - 3_600_000);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(reportProgress).toHaveBeenCalledTimes(1);
  });

  it('never lets progress fall', async () => {
    reporter.update('evaluating', 1);
    reporter.update('fitting', 0);
    await reporter.flush();
    expect(reportProgress).toHaveBeenCalledWith('run-1', { stage: 'fitting', progress: 0.65 });
  });

  it('reports again what a passing fault kept from being written', async () => {
    reportProgress.mockRejectedValueOnce(new DomainError('database-unavailable', 'away'));
    reporter.update('loading', 1);
    await jest.advanceTimersByTimeAsync(500);
    expect(reportProgress).toHaveBeenCalledTimes(2);
    expect(onFailure).not.toHaveBeenCalled();
  });

  it('tells the last epoch with what was last measured in its phase', async () => {
    const report = { phase: 'choosing', epoch: 5, loss: 0.5, durationMs: 12.4 };
    reporter.noteEpoch({ ...report, validation: 0.25 });
    reporter.noteEpoch({ ...report, epoch: 6 });
    await reporter.flush();
    const epoch = { ...report, epoch: 6, validation: 0.25, durationMs: 12 };
    expect(reportProgress).toHaveBeenLastCalledWith('run-1', expect.objectContaining({ epoch }));
    reporter.noteEpoch({ ...report, phase: 'final', epoch: 1 });
    await reporter.flush();
    const next = { ...epoch, phase: 'final', epoch: 1, validation: null };
    expect(reportProgress).toHaveBeenLastCalledWith('run-1', expect.objectContaining({ epoch: next }));
  });

  it('tells how many parts are done, once', async () => {
    reporter.noteParts({ done: 1, all: 3 });
    await reporter.flush();
    expect(reportProgress).toHaveBeenLastCalledWith(
      'run-1',
      expect.objectContaining({ parts: { done: 1, all: 3 } }),
    );
    const calls = reportProgress.mock.calls.length;
    reporter.noteParts({ done: 1, all: 3 });
    await reporter.flush();
    expect(reportProgress).toHaveBeenCalledTimes(calls);
  });

  it('hands on an error that will not pass', async () => {
    const error = new TypeError('bug');
    reportProgress.mockRejectedValueOnce(error);
    await jest.advanceTimersByTimeAsync(250);
    expect(onFailure).toHaveBeenCalledWith(error);
  });

  it('writes nothing after it was stopped', async () => {
    await reporter.stop();
    reporter.update('fitting', 1);
    await jest.advanceTimersByTimeAsync(5_000);
    expect(reportProgress).not.toHaveBeenCalled();
  });
});
