import type { AttributesSummary, ColumnLabel, ItemsSummary, UsersSummary } from './attribute-summary.js';
import type { LeftOut } from './left-out.js';
import { count, describeLeftOut, describeTable, number } from './words.js';

const SHOWN_LENGTH = 100;

/**
 * What was understood of items, and of users beside them, for people. It ends with the command that says the
 * same explicitly.
 */
export function describeItems(summary: ItemsSummary, users: UsersSummary | null = null): string {
  const ofUsers = users ? describeUsersFile(users) : [];
  return toText([...describeItemsFile(summary), ...ofUsers, ...describeCommand(summary)]);
}

/** The same of users. */
export function describeUsers(summary: UsersSummary): string {
  return toText([...describeUsersFile(summary), ...describeCommand(summary)]);
}

/** The lines of a summary of items, without its command. */
export function describeItemsFile(summary: ItemsSummary): string[] {
  const { items, titles, tagged, dated, unavailable, deleted, firstDate, lastDate } = summary;
  const dates = firstDate === null ? [] : [`Created: ${firstDate} to ${lastDate}`];
  const counts = [
    count(items, 'item'),
    `${number(titles)} with a title`,
    `${number(tagged)} with tags`,
    ...(dated > 0 ? [`${number(dated)} with a date`] : []),
    ...(unavailable > 0 ? [`${number(unavailable)} unavailable`] : []),
    ...(deleted > 0 ? [`${number(deleted)} deleted`] : []),
  ];
  const times = Object.entries(summary.timeFormats).filter(([, format]) => format !== null);
  return describe('Items', summary, {
    columns: summary.columns,
    counts: [
      ...(times.length > 0
        ? [`Times: ${times.map(([role, format]) => `${role} ${format}`).join(', ')}`]
        : []),
      counts.join(', '),
      ...dates,
    ],
    cut: summary.cutItems,
    sample: summary.sample.map(({ itemId, title, tags, metadata, ...item }) =>
      [
        `item ${JSON.stringify(itemId)}`,
        title === null ? 'no title' : shown(JSON.stringify(title)),
        ...describeTags(tags),
        ...describeMetadata(metadata),
        ...(item.available ? [] : ['unavailable']),
        ...(item.createdAt === null ? [] : [`created ${item.createdAt}`]),
        ...(item.deletedAt === null ? [] : [`deleted ${item.deletedAt}`]),
      ].join(', '),
    ),
  });
}

/** The same of users. */
export function describeUsersFile(summary: UsersSummary): string[] {
  const { users, tagged, noTraining, noPersonal } = summary;
  const counts = [
    count(users, 'user'),
    `${number(tagged)} with tags`,
    ...(noTraining > 0 ? [`${number(noTraining)} who say no to training`] : []),
    ...(noPersonal > 0 ? [`${number(noPersonal)} who say no to personal lists`] : []),
  ];
  return describe('Users', summary, {
    columns: summary.columns,
    counts: [counts.join(', ')],
    cut: summary.cutUsers,
    sample: summary.sample.map(({ userId, tags, metadata, training, personal }) =>
      [
        `user ${JSON.stringify(userId)}`,
        ...describeTags(tags),
        ...describeMetadata(metadata),
        ...(training === null ? [] : [`training ${training}`]),
        ...(personal === null ? [] : [`personal ${personal}`]),
      ].join(', '),
    ),
  });
}

interface Parts {
  readonly columns: object;
  readonly counts: readonly string[];
  readonly cut: readonly LeftOut[];
  readonly sample: readonly string[];
}

function describe(
  noun: 'Items' | 'Users',
  summary: AttributesSummary,
  { columns, counts, cut, sample }: Parts,
): string[] {
  const { name, packing, metadataColumns, ignoredColumns } = summary;
  const named = Object.entries(columns as Readonly<Record<string, ColumnLabel>>).filter(
    ([, label]) => label !== null,
  );
  const lines = [
    `Columns: ${named.map(([role, label]) => `${role}=${label}`).join(', ')}`,
    ...(metadataColumns.length > 0 ? [`Metadata: ${metadataColumns.join(', ')}`] : []),
    ...(ignoredColumns.length > 0 ? [`Ignored columns: ${ignoredColumns.join(', ')}`] : []),
    ...counts,
    ...describeDoubts(
      summary,
      cut.map((some) => `Cut: ${describeLeftOut(some)}`),
    ),
    ...(sample.length > 0 ? ['The first rows, as they are stored:'] : []),
    ...sample.map((row) => `  ${row}`),
  ];
  const packed = packing === null ? '' : `, ${packing}`;
  return [`${noun} from ${name}: ${describeTable(summary)}${packed}`, ...lines.map((line) => `  ${line}`)];
}

function describeDoubts(summary: AttributesSummary, cut: readonly string[]): string[] {
  const { repeats, estimated, exactUpTo, leftOut, trimmedIds, warnings } = summary;
  return [
    ...(repeats > 0 ? [`${count(repeats, 'row')} with an id that came before: the last counts`] : []),
    ...(estimated.length > 0
      ? [`Estimates, as there are more than ${number(exactUpTo)}: ${estimated.join(', ')}`]
      : []),
    ...leftOut.map((left) => `Left out: ${describeLeftOut(left)}`),
    ...cut,
    ...(trimmedIds > 0 ? [`${count(trimmedIds, 'id')} had blanks around, which are cut off`] : []),
    ...warnings.map((warning) => `Note: ${warning}`),
  ];
}

function describeTags(tags: readonly string[]): string[] {
  return tags.length === 0 ? [] : [`tags ${shown(JSON.stringify(tags))}`];
}

function describeMetadata(metadata: object): string[] {
  return Object.keys(metadata).length === 0 ? [] : [shown(JSON.stringify(metadata))];
}

/** What has room on a line. */
function shown(text: string): string {
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
}

function describeCommand({ command }: AttributesSummary): string[] {
  return ['The same, said explicitly:', `  ${command}`];
}

function toText(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
