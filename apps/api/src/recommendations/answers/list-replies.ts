import { Injectable } from '@nestjs/common';
import { issueRecommendationId, shortestFloat32 } from '#domain';
import type { RankedItem, Ranking, ServingCatalog } from '#ranking';
import { AnswerCounts } from '../../serving/answer-counts.js';
import { ItemProperties } from '../../serving/items/item-properties.js';
import type { ItemField } from '../http/dto/list-options.dto.js';
import type { RecommendationReply, RecommendedItem } from '../http/dto/recommendation.dto.js';
import { ListTimes, type ListSource } from './list-times.js';

/** A list with what its answer says beside its items. */
export interface MadeList {
  readonly now: ServingCatalog;
  readonly ranking: Ranking;
  readonly unknownItems: readonly string[];
  /** When its call began, by `performance.now`. */
  readonly startedAt: number;
  /** True for a user who has said no to personal lists. */
  readonly isRefused?: boolean | undefined;
  /** True where the history may miss the newest interactions. */
  readonly isStale?: boolean | undefined;
  /** Of the next page; absent or null: there is none. */
  readonly nextCursor?: string | null;
  /** Of the model that made it; absent: the active one. */
  readonly modelId?: string | null;
  /** For someone who looks: it counts nowhere. */
  readonly isPreview: boolean;
}

/** Writes finished lists out, with the item properties that were asked for. */
@Injectable()
export class ListReplies {
  constructor(
    private readonly properties: ItemProperties,
    private readonly answers: AnswerCounts,
    private readonly times: ListTimes,
  ) {}

  async write(made: MadeList, fields: readonly ItemField[]): Promise<RecommendationReply> {
    const items = await this.#describe(made.now.id, made.ranking.items, fields);
    const frame = this.#frame(made);
    this.#noteTime(made);
    return { items, ...frame };
  }

  /**
   * The JSON of what `write` answers. Most lists have titles and scores alone, and need no object for each
   * item.
   */
  async writeJson(made: MadeList, fields: readonly ItemField[]): Promise<string> {
    const { items } = made.ranking;
    if (fields.length !== 1 || fields[0] !== 'title' || !items.every(isPlain))
      return JSON.stringify(await this.write(made, fields));
    const catalogItems = made.now.items;
    let list = '';
    for (const { item, score, source } of items)
      list += `${list && ','}${catalogItems.openingOf(item)}${shortestFloat32(score)},"source":"${source}"}`;
    const frame = JSON.stringify(this.#frame(made)).slice(1);
    this.#noteTime(made);
    return `{"items":[${list}],${frame}`;
  }

  #noteTime(made: MadeList): void {
    if (made.isPreview) return;
    const modelKind = made.now.active?.model.kind ?? 'none';
    this.times.note(modelKind, sourceOf(made), (performance.now() - made.startedAt) / 1_000);
  }

  /** What an answer says beside its items. */
  #frame(made: MadeList): Omit<RecommendationReply, 'items'> {
    const { now, ranking, unknownItems, nextCursor, modelId, isRefused, isStale } = made;
    const madeBy = modelId === undefined ? (now.active?.model.id ?? null) : modelId;
    if (madeBy !== null && !made.isPreview) this.answers.add(madeBy);
    const { reason } = ranking;
    return {
      ...(reason && { reason }),
      exact: true,
      modelId: madeBy,
      // Interactions with an id without a model are counted for none.
      recommendationId: issueRecommendationId(made.isPreview ? null : madeBy),
      ...(isRefused && { personalised: false }),
      ...(isStale && { stale: true }),
      ...(nextCursor != null && { nextCursor }),
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

/** Only a further page says whose model made it. */
function sourceOf({ ranking, modelId }: MadeList): ListSource {
  return modelId === undefined ? (ranking.items[0]?.source ?? 'none') : 'page';
}

function isPlain({ baseScore, because }: RankedItem): boolean {
  return baseScore === undefined && because === undefined;
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
