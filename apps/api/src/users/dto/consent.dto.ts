import { z } from 'zod';

export const consentFields = z
  .strictObject({
    training: z
      .boolean()
      .describe("whether the user's interactions are in the snapshots that models are trained on"),
    personal: z.boolean().describe('whether lists for the user are made from what the user did'),
  })
  .meta({ id: 'Consent', example: { training: false, personal: false } });
export type ConsentFields = z.infer<typeof consentFields>;
