import { DriverAdapterError } from '@prisma/driver-adapter-utils';
import { asDomainError } from './database-errors.js';

/** As Prisma throws it where the BEGIN or COMMIT of a transaction fails. */
function atCommit(code: string, message: string): Error {
  return new DriverAdapterError({
    ...{ kind: 'postgres', code, message, severity: 'FATAL' },
    ...{ detail: undefined, column: undefined, hint: undefined },
    ...{ originalCode: code, originalMessage: message },
  });
}

describe('a database that goes away', () => {
  it('is unavailable also where the begin or the end of a transaction was refused', () => {
    const errors = [
      atCommit('57P01', 'terminating connection due to unexpected postmaster exit'),
      atCommit('57P02', 'terminating connection because of crash of another server process'),
      new DriverAdapterError({ kind: 'ConnectionClosed' }),
      new DriverAdapterError({ kind: 'DatabaseNotReachable' }),
      new DriverAdapterError({ kind: 'SocketTimeout' }),
    ];
    for (const error of errors)
      expect(asDomainError(error)).toMatchObject({ code: 'database-unavailable', cause: error });
  });

  it('is full where the end of a transaction says so', () => {
    const detail = 'PostgreSQL has no disk space left; nothing was stored';
    expect(asDomainError(atCommit('53100', 'No space left on device'))).toMatchObject({ message: detail });
  });

  it('is no reason for another error', () => {
    for (const error of [atCommit('23505', 'duplicate key'), new Error('x')])
      expect(asDomainError(error)).toBe(error);
  });
});
