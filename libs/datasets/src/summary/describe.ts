import type { UsersSummary } from './attribute-summary.js';
import type { DatasetSummary, SampleRow } from './dataset-summary.js';
import { describeItemsFile, describeUsersFile } from './describe-attributes.js';
import { count, describeLeftOut, describeTable, number } from './words.js';

const SHOWN_TYPES = 10;

/**
 * The summary, and that of users beside it, for people. It ends with the command that says the same
 * explicitly.
 */
export function describeSummary(summary: DatasetSummary, users: UsersSummary | null = null): string {
  const lines = [
    ...describeFormat(summary),
    ...describeColumns(summary),
    ...describeCounts(summary),
    ...describeDoubts(summary),
    'The first rows, as they are stored:',
    ...alignSample(summary.sample),
    ...(summary.itemsFile ? describeItemsFile(summary.itemsFile) : []),
    ...(users ? describeUsersFile(users) : []),
    'The same, said explicitly:',
    `  ${summary.command}`,
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function describeFormat(summary: DatasetSummary): string[] {
  const { encoding, files } = summary;
  const roles = files.map(({ name, role, packing, reason, encoding: own }) => {
    if (role === 'ignored') return `  ${name} is ignored: ${reason}`;
    const other = own !== null && own !== encoding ? [own] : [];
    const what = role === 'links' ? 'ids of items' : role;
    return `  ${[`${what} from ${name}`, ...(packing ? [packing] : []), ...other].join(', ')}`;
  });
  return [`Format: ${describeTable(summary)}`, ...roles];
}

function describeColumns({ columns, ignoredColumns, ratings, timeFormat }: DatasetSummary): string[] {
  const named = Object.entries(columns).filter(([, column]) => column !== null);
  return [
    `Columns: ${named.map(([role, column]) => `${role}=${column}`).join(', ')}`,
    ...(ignoredColumns.length > 0 ? [`Ignored columns: ${ignoredColumns.join(', ')}`] : []),
    ...(ratings ? [`Ratings: ${describeRatings(ratings)}`] : []),
    ...(columns.time === null ? [] : [`Times: ${timeFormat ?? 'no row has one'}`]),
  ];
}

function describeRatings({ rule, scale, likedFrom }: NonNullable<DatasetSummary['ratings']>): string {
  const low = 'all others as low-rating, which counts as seen and not as liked';
  switch (rule) {
    case 'scale':
      return `of ${scale}; ${likedFrom} and above are likes, ${low}`;
    case 'min-rating':
      return `${likedFrom} and above are likes, ${low}`;
    case 'weight':
      return 'are taken as weights';
    case 'all-positive':
      return 'all are likes';
  }
}

function describeCounts(summary: DatasetSummary): string[] {
  const { users, items, interactions, interactionsPerUser, itemsWithFew, types, estimated } = summary;
  const density = `${estimated.includes('density') ? 'about ' : ''}${percent(summary.density)}`;
  const isRated = summary.ratings !== null && summary.ratings.rule !== 'weight';
  const dates = summary.firstDate === null ? [] : [`Dates: ${summary.firstDate} to ${summary.lastDate}`];
  return [
    `${count(users, 'user')}, ${count(items, 'item')}, ${count(interactions, 'interaction')} (${density} of all pairs)`,
    ...(isRated ? [`${count(summary.likes, 'like')}, ${count(summary.lowRatings, 'low rating')}`] : []),
    ...dates,
    `A user has ${count(interactionsPerUser.median, 'interaction')} (median), at most ${number(interactionsPerUser.largest)}; ${count(itemsWithFew.items, 'item')} with fewer than ${itemsWithFew.below}`,
    ...(types.length > 1
      ? [
          `Types: ${types
            .slice(0, SHOWN_TYPES)
            .map(({ type, interactions: times }) => `${type} ${number(times)}`)
            .join(', ')}${types.length > SHOWN_TYPES ? ', …' : ''}`,
        ]
      : []),
    ...describeRepeats(summary),
  ];
}

function describeRepeats(summary: DatasetSummary): string[] {
  const { repeats, repeatsOfOtherWeight, undatedRepeats, estimated, exactUpTo } = summary;
  const counts = estimated.filter((name) => name !== 'density');
  return [
    ...(repeats > 0
      ? [
          `${count(repeats, 'row')} repeat an event, ${number(repeatsOfOtherWeight)} with another weight: the first counts`,
        ]
      : []),
    ...(undatedRepeats > 0
      ? [`${count(undatedRepeats, 'row')} without a time name a user and an item again: each is an event`]
      : []),
    ...(counts.length > 0
      ? [`Estimates, as there are more than ${number(exactUpTo)}: ${counts.join(', ')}`]
      : []),
  ];
}

function describeDoubts({ leftOut, trimmedIds, warnings }: DatasetSummary): string[] {
  return [
    ...leftOut.map((left) => `Left out: ${describeLeftOut(left)}`),
    ...(trimmedIds > 0 ? [`${count(trimmedIds, 'id')} had blanks around, which are cut off`] : []),
    ...warnings.map((warning) => `Note: ${warning}`),
  ];
}

function alignSample(sample: readonly SampleRow[]): string[] {
  return sample.map(
    ({ userId, itemId, type, weight, occurredAt }) =>
      `  user ${JSON.stringify(userId)}, item ${JSON.stringify(itemId)}, ${type}, weight ${weight}, ${occurredAt ?? 'no time'}`,
  );
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}
