import { PassThrough } from 'node:stream';
import { EXPORT_FORMATS, ExportsRepository } from '#data';
import { interaction, TestData } from './testing/test-data.js';

describe('an export', () => {
  const data = TestData.ofSuite();

  it.each(EXPORT_FORMATS)(
    'gives its connection back when its output is closed before or meanwhile: %s',
    async (format) => {
      await data.interactions.record('default', [interaction('ada', 'x')]);
      const exports = new ExportsRepository(data.database);
      const closed = new PassThrough();
      closed.destroy();
      await expect(exports.write('default', 'interactions', format, closed)).rejects.toThrow();
      const closing = new PassThrough();
      closing.once('pipe', () => closing.destroy());
      await expect(exports.write('default', 'interactions', format, closing)).rejects.toThrow();
      expect(data.database.pool.totalCount).toBe(data.database.pool.idleCount);
      const open = new PassThrough();
      await exports.write('default', 'interactions', format, open);
      expect((open.read() as Buffer).length).toBeGreaterThan(10);
    },
  );
});
