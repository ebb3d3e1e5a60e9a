import type { TestService } from '../../../../test/support/api.js';

/** What a call shows, its method and path, its body, and the pointer of its refusal. */
export type RefusedCall = readonly [what: string, call: string, body: unknown, pointer: string];

/** Has the service refuse a call by 422, by the name of the field. */
export async function expectRefused(
  service: TestService,
  [, call, body, pointer]: RefusedCall,
): Promise<void> {
  const [method = '', path = ''] = call.split(/ (.*)/s);
  const reply = await service.send(method, path, body);
  expect(reply.status).toBe(422);
  expect(reply.headers.get('content-type')).toContain('application/problem+json');
  expect(reply.body.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
}
