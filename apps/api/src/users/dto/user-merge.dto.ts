import { z } from 'zod';
import type { MergedUsers } from '#data';
import { MERGED_ID_DAYS } from '#domain';
import { externalId } from '../../common/schemas.js';

export const userMerge = z
  .strictObject({
    from: externalId.describe('id of the other user, such as one from before the login'),
  })
  .meta({ id: 'MergeUsers', example: { from: 'swagger-visitor' } });
export type UserMergeRequest = z.infer<typeof userMerge>;

export const mergedReply = z
  .object({
    userId: z
      .string()
      .describe('the user that both ids name; another one than `id`, if `id` was merged itself'),
    mergedId: z.string().describe('the id that names no user of its own'),
    moved: z
      .number()
      .int()
      .describe(
        'interactions that have become those of the user, late ones too; 0 where both were one user already',
      ),
    followsUntil: z
      .string()
      .describe(`until when \`mergedId\` names the user, ${MERGED_ID_DAYS} days; then a new user`),
  })
  .meta({ id: 'MergedUsers' });
export type MergedReply = z.infer<typeof mergedReply>;

export function toMergedReply({ userId, mergedId, moved, endsAt }: MergedUsers): MergedReply {
  return { userId, mergedId, moved, followsUntil: endsAt.toISOString() };
}
