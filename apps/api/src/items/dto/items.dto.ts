import { z } from 'zod';
import { etagOfItem, LIMITS, type Item, type ItemDetails, type ItemPatch } from '#domain';
import { metadata, tags } from '../../common/attributes.js';
import { pageOf } from '../../common/page-reply.js';
import { externalId, pageQuery, searchText, text, time } from '../../common/schemas.js';

const EXAMPLE = {
  title: 'The Quiet Harbour',
  tags: ['drama'],
  metadata: { year: 1999 },
  available: true,
  createdAt: '2026-11-01T10:00:00Z',
};

const title = text(LIMITS.titleLength).nullable();
export const itemFields = z
  .strictObject({
    title: title.default(null).describe('an empty one is none'),
    tags: tags.default([]).describe('each counts once'),
    metadata: metadata.default({}),
    available: z.boolean().default(true).describe('false takes the item out of all answers at once'),
    createdAt: time
      .optional()
      .describe(
        "ISO 8601, which `ageDays` counts from; absent: a known item keeps its own, also after it was deleted, a new one has the time of the call; refused when more than CLOCK_TOLERANCE_SECONDS (300) ahead of the server's clock",
      ),
  })
  .meta({ id: 'ItemFields', example: EXAMPLE });
export type ItemFields = z.infer<typeof itemFields>;

export const itemPatch = z
  .strictObject({
    title: title.optional().describe('null: none'),
    tags: tags.nullable().optional().describe('all of them; null: none'),
    metadata: metadata
      .nullable()
      .optional()
      .describe('merged member by member, at every depth: null removes a member; null as a whole: none'),
    available: z.boolean().nullable().optional().describe('null: true'),
    createdAt: itemFields.shape.createdAt.describe('ISO 8601; an item always has one, so it cannot be null'),
  })
  .meta({ id: 'ItemPatch', example: { title: 'The Harbour', metadata: { year: null, pages: 320 } } });
export type ItemPatchFields = z.infer<typeof itemPatch>;

export const putItemsRequest = z
  .strictObject({
    items: z
      .array(z.strictObject({ itemId: externalId, ...itemFields.shape }))
      .min(1)
      .max(LIMITS.itemsPerRequest),
  })
  .meta({
    id: 'PutItems',
    example: {
      items: [
        { itemId: 'swagger-item', ...EXAMPLE },
        { itemId: 'swagger-item-2', title: 'The Loud Harbour' },
      ],
    },
  });
export type PutItemsRequest = z.infer<typeof putItemsRequest>;

export const putItemsReply = z
  .object({ created: z.number().int(), updated: z.number().int() })
  .meta({ id: 'PutItemsReply' });

export const itemsQuery = pageQuery.extend({
  search: searchText.meta({
    description:
      'only items whose id begins with it, by the bytes of their ids, and then those whose title does, whatever the case of its letters, by title. A page can then have fewer items than `limit` though others follow',
    example: 'item-1',
  }),
});
export type ItemsQuery = z.infer<typeof itemsQuery>;

export const itemReply = z
  .object({
    itemId: z.string(),
    title: z.string().nullable(),
    tags: z.array(z.string()),
    metadata: z.record(z.string(), z.unknown()),
    available: z.boolean(),
    createdAt: z.string(),
    updatedAt: z.string(),
    etag: z.string().describe('of this state of the item: for `If-Match`, and for `ifMatch` of a row'),
  })
  .meta({ id: 'Item' });
export type ItemReply = z.infer<typeof itemReply>;

export const itemPage = pageOf('Item', itemReply);

export function toItemReply(item: Item): ItemReply {
  const { itemKey: _itemKey, revision: _revision, createdAt, updatedAt, tags, metadata, ...rest } = item;
  return {
    ...rest,
    tags: [...tags],
    metadata: { ...metadata },
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    etag: etagOfItem(item),
  };
}

/** As {@link toDetails}, of what is named. */
export function toPatch({ title, tags, metadata, available, createdAt }: ItemPatchFields): ItemPatch {
  return {
    title: title === '' ? null : title,
    tags: tags && [...new Set(tags)],
    metadata: metadata,
    available,
    createdAt: createdAt === undefined ? undefined : new Date(createdAt),
  };
}

/** An empty title is none, and a tag that comes twice says nothing. */
export function toDetails(itemId: string, { title, tags, createdAt, ...rest }: ItemFields): ItemDetails {
  return {
    itemId,
    ...rest,
    title: title === '' ? null : title,
    tags: [...new Set(tags)],
    createdAt: createdAt === undefined ? undefined : new Date(createdAt),
  };
}
