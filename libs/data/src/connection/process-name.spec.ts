import { decodeProcess, encodeProcess, type ServiceProcess } from './process-name.js';

describe('the name of a process', () => {
  const worker: ServiceProcess = {
    ...{ name: 'worker', version: '0.2.0', nodeVersion: '22.20.0', pid: 12_345 },
    ...{ startedAt: new Date('2026-11-30T21:00:00Z'), host: 'shop-7' },
  };

  it('says all of it, in what PostgreSQL keeps', () => {
    expect(decodeProcess(encodeProcess(worker))).toEqual(worker);
    const long = encodeProcess({ ...worker, host: `${'long-'.repeat(12)}x2x4z ä` });
    expect(long).toHaveLength(63);
    expect(decodeProcess(long)).toMatchObject({ ...worker, host: expect.stringMatching(/-x2x4z\?\?$/) });
  });

  it('is none of other programs', () => {
    for (const text of ['', 'psql', 'sr', 'sr worker 0.2.0', 'sr worker 1 2 zz pid host'])
      expect(decodeProcess(text)).toBeNull();
  });
});
