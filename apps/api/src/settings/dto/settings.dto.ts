import { z } from 'zod';
import type { Setting } from '#config';

export const settingsReply = z
  .object({
    settings: z.array(
      z
        .object({
          name: z.string(),
          description: z.string(),
          value: z
            .string()
            .nullable()
            .describe('as it was given, or the default; null for a secret, also where none is set'),
          isSecret: z.boolean(),
          isDefault: z.boolean().describe('whether nothing was given'),
        })
        .meta({ id: 'Setting' }),
    ),
  })
  .meta({ id: 'Settings' });
export type SettingsReply = z.infer<typeof settingsReply>;

export function toSettingsReply(settings: readonly Setting[]): SettingsReply {
  return { settings: settings.map((setting) => ({ ...setting })) };
}
