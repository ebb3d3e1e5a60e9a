import { Injectable } from '@nestjs/common';
import { issueRecommendationId } from '@app/domain';
import { AnswerCounts } from '../serving/answer-counts.js';
import { shortestFloat32 } from '../serving/float32.js';
import { ItemProperties } from '../serving/item-properties.js';
import type { ServingCatalog } from '../serving/serving-catalogs.js';
import type { ItemField } from './dto/list-options.dto.js';
import type { RecommendationReply, RecommendedItem } from './dto/recommendation.dto.js';
import type { RankedItem, Ranking } from './ranked-list.js';

/** Writes finished lists out, with the item properties that were asked for. */
@Injectable()
export class ListReplies {
  constructor(
    private readonly properties: ItemProperties,
    private readonly answers: AnswerCounts,
  ) {}

  async write(
    { id, active }: ServingCatalog,
    { items, reason }: Ranking,
    fields: readonly ItemField[],
  ): Promise<RecommendationReply> {
    const modelId = active?.model.id ?? null;
    const described = await this.#describe(id, items, fields);
    if (modelId !== null) this.answers.add(modelId);
    return {
      items: described,
      ...(reason && { reason }),
      exact: true,
      modelId,
      recommendationId: issueRecommendationId(modelId),
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
      const reply = toReply(entry);
      if (withTitle && entry.item.title !== null) reply.title = entry.item.title;
      if (withTags) reply.tags = [...properties[rank]!.tags];
      if (withMetadata) reply.metadata = { ...properties[rank]!.metadata };
      return reply;
    });
  }
}

function toReply({ item, score, baseScore, source, because }: RankedItem): RecommendedItem {
  const reply: RecommendedItem = { itemId: item.itemId, score: shortestFloat32(score), source };
  if (baseScore !== undefined) reply.baseScore = shortestFloat32(baseScore);
  if (because) reply.because = because;
  return reply;
}
