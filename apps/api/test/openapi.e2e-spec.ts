import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TestService } from '../../../test/support/api.js';

const DOCUMENT = join(import.meta.dirname, '../../../libs/client/openapi.json');

describe('the OpenAPI document', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await TestService.start({ redis: false, worker: false });
  });
  afterAll(() => service.stop());

  it('is the one that the client is generated from (else: npm run update:client)', async () => {
    const { body } = await service.get('/docs-json');
    if (process.env['UPDATE_CLIENT'] === '1') writeFileSync(DOCUMENT, `${JSON.stringify(body, null, 2)}\n`);
    expect(body).toEqual(JSON.parse(readFileSync(DOCUMENT, 'utf8')));
  });
});
