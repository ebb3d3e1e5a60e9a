import type { OpenAPIObject } from '@nestjs/swagger';

/** Why a request that keeps its schemas is refused. */
export interface Refusal {
  readonly status: number;
  /** The pointer of an `errors` entry, with `*` for any member; of a problem without entries, its code. */
  readonly at: string;
  readonly because: string;
}

const CATALOG = '/v1/catalogs/{catalog}';
const refuse = (status: number, at: string, because: string): Refusal => ({ status, at, because });
const invalid = (at: string, because: string) => refuse(422, at, because);

const CURSOR = invalid('#/cursor', 'a cursor that is none, or of another list');
const CATALOG_BEING_DELETED = refuse(409, 'catalog-being-deleted', 'something of the last catalog is left');
const CATALOG_UNKNOWN = refuse(404, 'catalog-not-found', 'there is no such catalog');
const TOO_MANY_TYPES = refuse(422, 'too-many-interaction-types', 'the catalog has 64 types already');
const KEY_UNKNOWN = refuse(404, 'key-not-found', 'there is no such key, or it is valid no longer');
const TOO_MANY_KEYS = refuse(409, 'too-many-keys', 'there are 10,000 keys, revoked ones included');
const STATE_CHANGED = refuse(412, 'precondition-failed', 'an `If-Match` that is not the `ETag` of now');
const ROWS = [
  refuse(422, '#/items/*/itemId', 'an item that there is not, or that was deleted'),
  refuse(412, '#/items/*/ifMatch', 'an `ifMatch` that is not the `etag` of the item'),
];
const TYPE_UNKNOWN = refuse(404, 'interaction-type-not-found', 'there is no such type');
const ITEM_UNKNOWN = refuse(404, 'item-not-found', 'there is no such item, or it was deleted');
const USER_UNKNOWN = refuse(404, 'user-not-found', 'nothing is stored of the user');
const RUN_UNKNOWN = refuse(404, 'training-run-not-found', 'there is no such run');
const LIST_JOB_UNKNOWN = refuse(404, 'list-job-not-found', 'there is no such job, or it is kept no longer');
const MODEL_UNKNOWN = refuse(404, 'model-not-found', 'there is no such model');
/** Of lists that a model makes. */
const CHOSEN_MODEL = [
  MODEL_UNKNOWN,
  refuse(409, 'memory-budget-exceeded', 'a `model` that has no room in CHOSEN_MODELS_MEMORY_MB'),
];
const SCHEDULE_UNKNOWN = refuse(404, 'schedule-not-found', 'there is no such schedule');
/** Of bodies with fields of any name. */
const RESERVED_NAME = refuse(400, 'malformed-body', 'a field `__proto__`, or `prototype` in `constructor`');
const PARAMETERS = [
  invalid('#/parameters/*', 'a parameter that the kind of model does not have, or out of its range'),
  invalid('#/parameters', 'parameters that do not go together'),
  RESERVED_NAME,
];
const TICKS = [
  invalid('#/cron', 'an expression that cannot be parsed, never happens, or has `H` in it'),
  invalid('#/timeZone', 'a name that is no IANA time zone'),
];
const SPAN = [
  invalid('#/to', 'a `to` that is not later than `from`'),
  ...['from', 'to'].map((name) => invalid(`#/${name}`, `\`${name}\` before 1900 or after 2200`)),
];
const BOOST = invalid('#/boost', 'an expression that cannot be parsed, or has what is not allowed in it');
const PLACES = [
  invalid('#/pins/*', 'a place beyond `k`, two pins on one place, or a pin that `exclude` names'),
  invalid('#/diversity', '`diversity` above 0 with a `k` above 200'),
  BOOST,
];
const QUERY = [
  invalid('#/filter', 'text that is not the JSON of an object'),
  invalid('#/filter/*', 'a field or condition that a filter does not have'),
  invalid('#/fields', 'more fields than there are'),
  refuse(431, 'headers-too-large', 'an address of more than 16 KiB'),
];
const firstPageOnly = (...names: string[]) =>
  names.map((name) => invalid(`#/${name}`, `\`${name}\` with a \`cursor\``));
/** Of lists that are read page by page. */
const pagedUntil = (end: string) => [
  CURSOR,
  invalid('#/preview', '`preview` with `paging` or with a `cursor`'),
  ...firstPageOnly('exclude', 'filter', 'minScore'),
  refuse(410, 'cursor-expired', end),
];
const PAGED = pagedUntil('the list of the cursor is kept no longer');
const IDEMPOTENT = [
  refuse(422, '#/Idempotency-Key', 'an `Idempotency-Key` that another call had'),
  refuse(409, 'idempotency-key-in-use', 'an `Idempotency-Key` whose call is running'),
];
const TIME = 'a time before 1900, after 2200, or more than CLOCK_TOLERANCE_SECONDS ahead of the clock';
const METADATA = 'more than 16,384 bytes of JSON, more than 32 levels, or text that is not well-formed';
const metadataOf = (at: string) => [
  invalid(at, METADATA),
  invalid(`${at}/*`, 'a name of more than 128 characters'),
  RESERVED_NAME,
];

const COLUMNS = invalid('#/columns', 'text that is not `role=column,…`');

/**
 * All requests that keep the schemas of the document and are refused all the same, since no schema can say
 * why, by call. Descriptions name them.
 */
export const REFUSALS: Readonly<Record<string, readonly Refusal[]>> = {
  'GET /v1/audit-log': [CURSOR],
  'GET /v1/keys': [CURSOR],
  'POST /v1/keys': [
    invalid('#/expiresAt', 'a time that is over'),
    invalid('#/origins/*', 'text that is no origin'),
    invalid('#/scopes', 'other scopes than `read` with `origins`'),
    TOO_MANY_KEYS,
  ],
  'GET /v1/keys/{id}': [KEY_UNKNOWN],
  'POST /v1/keys/{id}/rotate': [KEY_UNKNOWN, TOO_MANY_KEYS],
  'DELETE /v1/keys/{id}': [KEY_UNKNOWN],
  [`GET ${CATALOG}`]: [CATALOG_UNKNOWN],
  [`PUT ${CATALOG}`]: [CATALOG_BEING_DELETED],
  [`DELETE ${CATALOG}`]: [CATALOG_UNKNOWN],
  'GET /v1/catalog-deletions/{id}': [
    refuse(404, 'catalog-deletion-not-found', 'there is no such deletion, or it is older than 90 days'),
  ],
  [`POST ${CATALOG}/interactions`]: [
    invalid('#/interactions/*/occurredAt', TIME),
    invalid('#/interactions/*/recommendationId', 'an id that no answer had'),
    TOO_MANY_TYPES,
    ...IDEMPOTENT,
  ],
  [`POST ${CATALOG}/interactions/import`]: [
    refuse(422, 'import-row-invalid', 'a row that cannot be read'),
    refuse(422, 'import-source-invalid', 'a body that is not understood, or that could be meant in two ways'),
    COLUMNS,
    invalid('#/encoding', 'an encoding that there is not'),
    invalid('#/timeFormat', 'tokens that make no time'),
    invalid('#/typeWeight', 'text that is not `type=weight,…`'),
    invalid('#/ratingAsWeight', '`ratingAsWeight` beside `minRating`'),
    invalid('#/allRatingsPositive', '`allRatingsPositive` beside `minRating` or `ratingAsWeight`'),
    refuse(
      409,
      'interaction-type-conflict',
      'low ratings, where the catalog has a positive type of their name',
    ),
    refuse(415, 'unsupported-media-type', 'a `charset` that there is not'),
    TOO_MANY_TYPES,
    ...IDEMPOTENT,
  ],
  [`DELETE ${CATALOG}/users/{id}/interactions`]: [
    invalid('#/all', 'no parameter that says which are meant, or `all=true` beside one'),
    invalid('#/to', 'a `to` that is not later than `from`'),
    ...['from', 'to', 'occurredAt'].map((name) =>
      invalid(`#/${name}`, `\`${name}\` before 1900 or after 2200`),
    ),
    ...IDEMPOTENT,
  ],
  [`POST ${CATALOG}/users/{id}/merge`]: [
    invalid('#/from', 'the user itself'),
    refuse(409, 'user-merged', 'a `from` that was merged into another user, and names that user still'),
    ...IDEMPOTENT,
  ],
  [`GET ${CATALOG}/interaction-types`]: [CURSOR],
  [`PUT ${CATALOG}/interaction-types/{name}`]: [TOO_MANY_TYPES, STATE_CHANGED],
  [`PATCH ${CATALOG}/interaction-types/{name}`]: [TYPE_UNKNOWN, STATE_CHANGED],
  [`GET ${CATALOG}/items`]: [CURSOR],
  [`POST ${CATALOG}/items`]: [
    ...metadataOf('#/items/*/metadata'),
    invalid('#/items/*/createdAt', TIME),
    ...IDEMPOTENT,
  ],
  [`POST ${CATALOG}/items/import`]: [
    refuse(422, 'import-row-invalid', 'a row that cannot be read'),
    refuse(422, 'import-source-invalid', 'a body that is no table of items'),
    COLUMNS,
    invalid('#/encoding', 'an encoding that there is not'),
    invalid('#/timeFormat', 'tokens that make no time'),
    refuse(415, 'unsupported-media-type', 'a `charset` that there is not'),
    ...IDEMPOTENT,
  ],
  [`PATCH ${CATALOG}/items`]: [
    ...metadataOf('#/items/*/metadata'),
    invalid('#/items/*/createdAt', TIME),
    ...ROWS,
    ...IDEMPOTENT,
  ],
  [`POST ${CATALOG}/item-deletions`]: [...ROWS, ...IDEMPOTENT],
  [`PUT ${CATALOG}/items/{id}`]: [...metadataOf('#/metadata'), invalid('#/createdAt', TIME), STATE_CHANGED],
  [`PATCH ${CATALOG}/items/{id}`]: [
    ...metadataOf('#/metadata'),
    invalid('#/createdAt', TIME),
    ITEM_UNKNOWN,
    STATE_CHANGED,
    ...IDEMPOTENT,
  ],
  [`GET ${CATALOG}/items/{id}`]: [ITEM_UNKNOWN],
  [`DELETE ${CATALOG}/items/{id}`]: [ITEM_UNKNOWN, STATE_CHANGED],
  [`GET ${CATALOG}/models`]: [CURSOR],
  [`GET ${CATALOG}/models/{id}`]: [MODEL_UNKNOWN],
  [`POST ${CATALOG}/models/{id}/activate`]: [MODEL_UNKNOWN, ...IDEMPOTENT],
  [`GET ${CATALOG}/items/{id}/activity`]: [ITEM_UNKNOWN],
  [`GET ${CATALOG}/items/{id}/interactions`]: [CURSOR, ITEM_UNKNOWN, ...SPAN],
  [`GET ${CATALOG}/users`]: [CURSOR],
  [`GET ${CATALOG}/users/{id}`]: [USER_UNKNOWN],
  [`PUT ${CATALOG}/users/{id}`]: metadataOf('#/metadata'),
  [`GET ${CATALOG}/users/{id}/consent`]: [USER_UNKNOWN],
  [`PUT ${CATALOG}/users/{id}/consent`]: [STATE_CHANGED],
  [`POST ${CATALOG}/users/import`]: [
    refuse(422, 'import-row-invalid', 'a row that cannot be read'),
    refuse(422, 'import-source-invalid', 'a body that is no table of users'),
    COLUMNS,
    invalid('#/encoding', 'an encoding that there is not'),
    refuse(415, 'unsupported-media-type', 'a `charset` that there is not'),
    ...IDEMPOTENT,
  ],
  [`GET ${CATALOG}/users/{id}/interactions`]: [CURSOR, USER_UNKNOWN, ...SPAN],
  [`GET ${CATALOG}/users/{id}/export`]: [USER_UNKNOWN],
  [`GET ${CATALOG}/users/{id}/recommendations`]: [
    ...QUERY,
    ...PLACES,
    invalid('#/pins', 'text that is not JSON of places from 1 to 1,000 by item, at most 50'),
    invalid('#/explain', '`explain` with `paging` or with a `cursor`'),
    ...pagedUntil('the list of the cursor is kept no longer, or the user has said no'),
    ...firstPageOnly('boost', 'diversity', 'pins', 'without', 'rotation', 'model'),
    ...CHOSEN_MODEL,
  ],
  [`POST ${CATALOG}/recommendations`]: [
    ...PLACES,
    invalid('#/filter/*', 'a field or condition that a filter does not have'),
    RESERVED_NAME,
    ...CHOSEN_MODEL,
  ],
  [`POST ${CATALOG}/recommendations/rank`]: [
    invalid('#/userId', 'neither `userId` nor `items`'),
    invalid('#/items', '`items` beside `userId`'),
    BOOST,
    ...CHOSEN_MODEL,
  ],
  [`POST ${CATALOG}/recommendations/batch`]: [RESERVED_NAME],
  [`GET ${CATALOG}/items/{id}/similar`]: [
    ...QUERY,
    ITEM_UNKNOWN,
    ...PAGED,
    ...firstPageOnly('model'),
    ...CHOSEN_MODEL,
  ],
  [`GET ${CATALOG}/popular`]: [
    ...QUERY,
    ...PAGED,
    ...firstPageOnly('windowDays', 'halfLifeDays', 'type', 'userTag', 'tag', 'model'),
    ...CHOSEN_MODEL,
  ],
  [`GET ${CATALOG}/latest`]: [...QUERY, ...PAGED, ...firstPageOnly('tag')],
  [`GET ${CATALOG}/schedules`]: [CURSOR],
  [`PUT ${CATALOG}/schedules/{name}`]: [
    ...[...TICKS, ...PARAMETERS, STATE_CHANGED],
    refuse(412, 'precondition-failed', '`If-None-Match: *` where there is a schedule of the name'),
  ],
  'GET /v1/schedule-ticks': TICKS,
  [`GET ${CATALOG}/schedules/{name}`]: [SCHEDULE_UNKNOWN],
  [`DELETE ${CATALOG}/schedules/{name}`]: [SCHEDULE_UNKNOWN, STATE_CHANGED],
  [`POST ${CATALOG}/list-jobs`]: [
    invalid('#/filter/*', 'a field or condition that a filter does not have'),
    MODEL_UNKNOWN,
    refuse(409, 'too-many-list-jobs', 'a job of the catalog is not finished, or there are ten'),
    ...IDEMPOTENT,
  ],
  [`GET ${CATALOG}/list-jobs`]: [CURSOR],
  [`GET ${CATALOG}/list-jobs/{id}`]: [LIST_JOB_UNKNOWN],
  [`GET ${CATALOG}/list-jobs/{id}/lists`]: [
    LIST_JOB_UNKNOWN,
    refuse(409, 'list-job-unfinished', 'the job is not finished, or has failed'),
  ],
  [`DELETE ${CATALOG}/list-jobs/{id}`]: [LIST_JOB_UNKNOWN],
  [`POST ${CATALOG}/training-estimates`]: PARAMETERS,
  [`POST ${CATALOG}/training-runs`]: [...PARAMETERS, ...IDEMPOTENT],
  [`GET ${CATALOG}/training-runs`]: [CURSOR],
  [`GET ${CATALOG}/training-runs/{id}`]: [RUN_UNKNOWN],
  [`DELETE ${CATALOG}/training-runs/{id}`]: [
    RUN_UNKNOWN,
    refuse(409, 'training-run-finished', 'the run has ended'),
  ],
  [`GET ${CATALOG}/training-runs/{id}/events`]: [RUN_UNKNOWN],
};

const METHODS = ['get', 'put', 'post', 'patch', 'delete'] as const;
const HEAD = 'Refused although the schemas allow it:';

/** Adds to the description of each call what of it is refused beyond its schemas. */
export function documentRefusals(document: OpenAPIObject): OpenAPIObject {
  for (const [path, item] of Object.entries(document.paths))
    for (const method of METHODS) {
      const operation = item[method];
      const refusals = REFUSALS[`${method.toUpperCase()} ${path}`];
      if (operation && refusals)
        operation.description = [operation.description, HEAD, ...refusals.map(inWords)].join('\n\n').trim();
    }
  return document;
}

function inWords({ status, at, because }: Refusal): string {
  return `- ${because} (${status} \`${at}\`)`;
}
