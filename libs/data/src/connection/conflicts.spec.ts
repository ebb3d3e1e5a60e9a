import { DriverAdapterError } from '@prisma/driver-adapter-utils';
import { DomainError } from '#domain';
import { isConflict, retryConflicts } from './conflicts.js';

const SERVER = {
  ...{ code: '40001', severity: 'ERROR', message: 'could not serialize' },
  ...{ detail: undefined, column: undefined, hint: undefined },
};
const deadlock = Object.assign(new Error('deadlock detected'), { code: '40P01' });

describe('writers that meet', () => {
  it('are known by every form that PostgreSQL and Prisma give their failure', () => {
    const nested = { driverAdapterError: { cause: { originalCode: '40001' } } };
    const forms = [
      deadlock,
      Object.assign(new Error('write conflict'), { code: 'P2034' }),
      Object.assign(new Error('raw query failed'), { code: 'P2010', meta: nested }),
      new DriverAdapterError({ kind: 'postgres', originalCode: '40001', ...SERVER }),
      new DomainError('write-conflict', 'again and again'),
    ];
    expect(forms.map(isConflict)).toEqual(forms.map(() => true));
    const others = [new Error('x'), 'deadlock', Object.assign(new Error('x'), { code: '23505' })];
    expect(others.map(isConflict)).toEqual([false, false, false]);
  });

  it('begin again after what they did was undone, a bounded number of times', async () => {
    const steps: string[] = [];
    const undo = () => Promise.resolve(steps.push('undo'));
    const work = () => {
      steps.push('work');
      return steps.length < 4 ? Promise.reject(deadlock) : Promise.resolve('stored');
    };
    expect(await retryConflicts(work, undo)).toBe('stored');
    expect(steps).toEqual(['work', 'undo', 'work', 'undo', 'work']);
    let attempts = 0;
    const never = retryConflicts(() => Promise.reject(Object.assign(deadlock, { attempts: ++attempts })));
    await expect(never).rejects.toBe(deadlock);
    expect(attempts).toBe(6);
  });

  it('do not begin again for any other failure', async () => {
    let attempts = 0;
    const failure = new Error('unique');
    await expect(
      retryConflicts(() => {
        attempts++;
        return Promise.reject(failure);
      }),
    ).rejects.toBe(failure);
    expect(attempts).toBe(1);
  });
});
