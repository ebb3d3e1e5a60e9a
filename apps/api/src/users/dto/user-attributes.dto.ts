import { z } from 'zod';
import { metadata, tags } from '../../common/attributes.js';

export const userAttributes = z
  .strictObject({
    tags: tags.default([]).describe('each counts once'),
    metadata: metadata.default({}),
  })
  .meta({ id: 'UserAttributes', example: { tags: ['member'], metadata: { age: 31, country: 'de' } } });
export type UserAttributesFields = z.infer<typeof userAttributes>;

export const userAttributesReply = z
  .object({
    userId: z.string(),
    tags: z.array(z.string()),
    metadata: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'UserAttributesReply' });
export type UserAttributesReply = z.infer<typeof userAttributesReply>;
