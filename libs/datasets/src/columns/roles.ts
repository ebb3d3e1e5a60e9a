/** What a column of interactions can be. */
export const INTERACTION_ROLES = [
  'user',
  'item',
  'type',
  'weight',
  'rating',
  'time',
  'label',
  'recommendation',
] as const;
/** What a column of items can be. */
export const ITEM_ROLES = ['item', 'title', 'tags', 'year', 'available', 'createdAt', 'deletedAt'] as const;

/** What a column of users can be. */
export const USER_ROLES = ['user', 'tags', 'training', 'personal'] as const;

export type InteractionRole = (typeof INTERACTION_ROLES)[number];
export type ItemRole = (typeof ITEM_ROLES)[number];
export type UserRole = (typeof USER_ROLES)[number];
export type Role = InteractionRole | ItemRole | UserRole;

/** Names of columns that are understood, the best first. They are compared by `normalName`. */
export const ALIASES: Readonly<Record<Role, readonly string[]>> = {
  user: [
    'userId',
    'user',
    'uid',
    'visitorId',
    'customerId',
    'reviewerId',
    'memberId',
    'personId',
    'accountId',
    'clientId',
    'profileId',
    'anonymousId',
    'sessionId',
  ],
  item: [
    'itemId',
    'item',
    'iid',
    'movieId',
    'productId',
    'articleId',
    'asin',
    'isbn',
    'bookId',
    'artistId',
    'trackId',
    'songId',
    'businessId',
    'gameId',
    'appId',
    'sku',
    'stockCode',
    'parentAsin',
    'newsId',
    'contentId',
    'venueId',
    'locationId',
    'videoId',
    'recipeId',
    'animeId',
    'courseId',
    'jobId',
    'postId',
    'beerId',
    'hotelId',
    'restaurantId',
    'podcastId',
  ],
  type: [
    'type',
    'event',
    'eventType',
    'behavior',
    'behaviour',
    'action',
    'interactionType',
    'behaviorType',
    'behaviourType',
    'actionType',
  ],
  rating: ['rating', 'ratings', 'stars', 'overall', 'score', 'bookRating', 'userRating'],
  weight: [
    'weight',
    'count',
    'quantity',
    'qty',
    'plays',
    'playCount',
    'listenCount',
    'playtime',
    'playtimeForever',
    'value',
  ],
  time: [
    'occurredAt',
    'timestamp',
    'time',
    'ts',
    'datetime',
    'date',
    'createdAt',
    'eventTime',
    'eventDate',
    'unixReviewTime',
    'tDat',
    'dateAdded',
    'invoiceDate',
    'reviewTime',
  ],
  label: ['label', 'clicked', 'click', 'isClick', 'liked', 'like', 'isLiked', 'isLike'],
  recommendation: ['recommendationId'],
  title: ['title', 'name', 'movieTitle', 'bookTitle', 'itemName', 'productName', 'originalTitle'],
  tags: ['tags', 'genres', 'genre', 'category', 'categories', 'tagValue', 'classes', 'class'],
  year: ['year', 'releaseYear'],
  available: ['available'],
  createdAt: ['createdAt', 'created', 'dateCreated', 'creationDate', 'addedAt', 'dateAdded'],
  deletedAt: ['deletedAt', 'dateDeleted', 'deletionDate'],
  training: ['training'],
  personal: ['personal'],
};

/** Columns that together are one time, in the order of `DateParts`. */
export const DATE_PARTS = ['dateYear', 'dateMonth', 'dateDay', 'dateHour', 'dateMinute', 'dateSecond'];

/** Names that are understood but may mean something else: the summary says so. */
export const DOUBTFUL: Readonly<Record<string, string>> = {
  sessionid: 'a session is not a person who comes back',
  value: 'a column of this name may hold anything',
};

/** RecBole writes the kind of a column behind its name. */
const RECBOLE_KIND = /:(token|token_seq|float|float_seq)$/;

/** The name of a column without the kind that RecBole writes behind it. */
export function plainName(name: string): string {
  return name.trim().replace(RECBOLE_KIND, '');
}

/** True of a name such as `user_id:token`. */
export function hasKind(name: string): boolean {
  return RECBOLE_KIND.test(name.trim());
}

/** Without case, blanks, dashes, underscores, quotes and RecBole's kind. */
export function normalName(name: string): string {
  return plainName(name)
    .replace(/[\s_'"-]/g, '')
    .toLowerCase();
}

const KNOWN: ReadonlySet<string> = new Set([...Object.values(ALIASES).flat(), ...DATE_PARTS].map(normalName));

/** True of a name that some role or date part goes by. */
export function isKnownName(name: string): boolean {
  return KNOWN.has(normalName(name)) || /^metadata\..+/.test(plainName(name));
}

/** The known name that differs from `name` by the fewest letters, if those are at most two. */
export function nearestName(name: string, roles: readonly Role[]): string | null {
  let [nearest, fewest]: [string | null, number] = [null, 3];
  for (const alias of roles.flatMap((role) => ALIASES[role])) {
    const distance = editDistance(normalName(name), normalName(alias));
    if (distance < fewest && distance < alias.length / 2) [nearest, fewest] = [alias, distance];
  }
  return nearest;
}

/** Of the names of some roles the one that is meant by an alias of its role, or by one that is near to it. */
export function nearestOf(name: string, roles: ReadonlyMap<string, Role>): string | null {
  const named = [...roles];
  const byAlias = named.find(([, role]) =>
    ALIASES[role].some((alias) => normalName(alias) === normalName(name)),
  );
  if (byAlias) return byAlias[0];
  const [near] = named
    .map(([own]) => ({ own, distance: editDistance(normalName(name), normalName(own)) }))
    .filter(({ own, distance }) => distance <= own.length / 2)
    .sort((one, other) => one.distance - other.distance);
  if (near) return near.own;
  const alias = nearestName(name, [...roles.values()]);
  return named.find(([, role]) => alias !== null && ALIASES[role].includes(alias))?.[0] ?? null;
}

/** Levenshtein's, row by row. */
function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const changed = row[j - 1]! + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min(changed, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[other.length]!;
}
