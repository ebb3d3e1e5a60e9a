import { Injectable } from '@nestjs/common';
import { issueRecommendationId, shortestFloat32 } from '#domain';
import { AnswerCounts } from '../../serving/answer-counts.js';
import type { ServingCatalog } from '../../serving/catalogs/serving-catalogs.js';
import { ItemProperties } from '../../serving/items/item-properties.js';
import type { ItemField } from '../http/dto/list-options.dto.js';
import type { RecommendationReply, RecommendedItem } from '../http/dto/recommendation.dto.js';
import type { RankedItem, Ranking } from '../ranking/list.js';

/** A list with what its answer says beside its items. */
export interface MadeList {
  readonly now: ServingCatalog;
  readonly ranking: Ranking;
  readonly unknownItems: readonly string[];
}

/** Writes finished lists out, with the item properties that were asked for. */
@Injectable()
export class ListReplies {
  constructor(
    private readonly properties: ItemProperties,
    private readonly answers: AnswerCounts,
  ) {}

  async write(
    { now: { id, active }, ranking, unknownItems }: MadeList,
    fields: readonly ItemField[],
  ): Promise<RecommendationReply> {
    const modelId = active?.model.id ?? null;
    const { reason } = ranking;
    const described = await this.#describe(id, ranking.items, fields);
    if (modelId !== null) this.answers.add(modelId);
    return {
      items: described,
      ...(reason && { reason }),
      exact: true,
      modelId,
      recommendationId: issueRecommendationId(modelId),
      ...(unknownItems.length > 0 && { unknownItems: [...unknownItems] }),
    };
  }

  async #describe(
    catalogId: string,
    ranked: readonly RankedItem[],
    fields: readonly ItemField[],
  ): Promise<RecommendedItem[]> {
    const [withTitle, withTags, withMetadata] = (['title', 'tags', 'metadata'] as const).map((field) =>
      fields.includes(field),
    );
    const properties =
      withTags || withMetadata
        ? await this.properties.find(
            catalogId,
            ranked.map(({ item }) => item),
          )
        : [];
    return ranked.map((entry, rank) => {
      const { itemId, title } = entry.item;
      const start: ReplyStart = { itemId };
      if (withTitle && title !== null) start.title = title;
      if (withTags) start.tags = [...properties[rank]!.tags];
      if (withMetadata) start.metadata = { ...properties[rank]!.metadata };
      return finish(start, entry);
    });
  }
}

type ReplyStart = Pick<RecommendedItem, 'itemId' | 'title' | 'tags' | 'metadata'>;

function finish(start: ReplyStart, { score, baseScore, source, because }: RankedItem): RecommendedItem {
  const reply = start as RecommendedItem;
  reply.score = shortestFloat32(score);
  if (baseScore !== undefined) reply.baseScore = shortestFloat32(baseScore);
  reply.source = source;
  if (because) reply.because = [...because];
  return reply;
}
