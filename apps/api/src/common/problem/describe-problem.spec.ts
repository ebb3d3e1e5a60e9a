import { toDomainError } from './describe-problem.js';

const withStatus = (statusCode: number) => Object.assign(new Error('of a library'), { statusCode });

it('takes a file outside of the folder that is served for none, and not for a fault of ours', () => {
  expect(toDomainError(withStatus(403))).toMatchObject({ code: 'route-not-found' });
  expect(toDomainError(withStatus(404))).toMatchObject({ code: 'route-not-found' });
  expect(toDomainError(withStatus(418))).toMatchObject({ code: 'internal-error' });
});
