import { ShownImport } from './import-progress.js';

describe('ShownImport', () => {
  const lines: string[] = [];
  const { isTTY } = process.stderr;

  beforeEach(() => {
    jest.useFakeTimers();
    process.stderr.isTTY = false;
    lines.length = 0;
    jest.spyOn(process.stderr, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
  });
  afterEach(() => {
    jest.restoreAllMocks();
    jest.useRealTimers();
    process.stderr.isTTY = isTTY;
  });

  it('shows the share and the time left of what is counted, and the time of what is not', () => {
    const shown = new ShownImport({ reading: 1_000, storing: 800 });
    jest.advanceTimersByTime(3_000);
    shown.onProgress({ phase: 'reading', rows: 250 });
    jest.advanceTimersByTime(9_000);
    shown.onProgress({ phase: 'sorting', rows: 0 });
    jest.advanceTimersByTime(4_500);
    shown.onProgress({ phase: 'storing', rows: 200 });
    jest.advanceTimersByTime(200_000);
    shown.onProgress({ phase: 'storing', rows: 400 });
    jest.advanceTimersByTime(3_000);
    shown.onProgress({ phase: 'storing', rows: 801 });
    shown.stop();
    expect(lines).toEqual([
      'reading into the database: 25 %, 9 s left\n',
      'sorting rows: 2 s so far\n',
      'sorting rows: 4 s so far\n',
      'storing rows: 50 %, 4 min left\n',
      'storing rows: 100 %, 0 s left\n',
    ]);
    jest.advanceTimersByTime(10_000);
    expect(lines).toHaveLength(5);
  });
});
