import { z } from 'zod';
import { etagOfConsent, type Consent } from '#domain';

export const consentFields = z
  .strictObject({
    training: z
      .boolean()
      .describe("whether the user's interactions are in the snapshots that models are trained on"),
    personal: z.boolean().describe('whether lists for the user are made from what the user did'),
  })
  .meta({ id: 'Consent', example: { training: false, personal: false } });
export type ConsentFields = z.infer<typeof consentFields>;

export const consentReply = z
  .object({
    ...consentFields.shape,
    etag: z.string().describe('of both, for `If-Match`'),
  })
  .meta({ id: 'StoredConsent' });
export type ConsentReply = z.infer<typeof consentReply>;

export function toConsentReply(consent: Consent): ConsentReply {
  return { ...consent, etag: etagOfConsent(consent) };
}
