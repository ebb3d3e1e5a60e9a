import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { modelKind } from '#models';

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/operations.md'), 'utf8');
const INTERACTIONS_PER_USER = 50;
const THREADS = 4;
const MEBIBYTE = 2 ** 20;

/** Two digits that count, in MiB or GiB. */
function said(bytes: number): string {
  const [size, unit] =
    bytes < 1_024 * MEBIBYTE ? [bytes / MEBIBYTE, 'MiB'] : [bytes / MEBIBYTE / 1_024, 'GiB'];
  return `${Number(size.toPrecision(2))} ${unit}`;
}

const grouped = (count: number) => count.toLocaleString('en-US');
const documented = (pattern: RegExp) => pattern.exec(PAGE)!.slice(1).map(Number);

/** The line of the table for so many users and items. */
function lineOf(numUsers: number, numItems: number): string[] {
  const nnz = numUsers * INTERACTIONS_PER_USER;
  const [interaction] = documented(/\| (\d+) bytes with its indexes/);
  const [user, item] = documented(/\| (\d+) and (\d+) bytes with indexes/);
  const [least, most] = documented(/\| (\d+) bytes, or (\d+) with half-lives/);
  const estimate = (kind: string) => {
    const known = modelKind(kind);
    return known.estimate({ numUsers, numItems, nnz }, known.parameters.parse({}), THREADS);
  };
  return [
    grouped(numUsers),
    grouped(numItems),
    said(interaction! * nnz + user! * numUsers + item! * numItems),
    `${said(least! * numUsers)} to ${said(most! * numUsers)}`,
    said(estimate('ease').peakBytes),
    said(estimate('ials').peakBytes),
    said(estimate('ease').artifactBytes),
  ];
}

describe('the sizes in docs/operations.md', () => {
  it.each([
    [10_000, 2_000],
    [100_000, 10_000],
    [1_000_000, 50_000],
    [10_000_000, 100_000],
  ])('for %d users are those that the figures below give', (users, items) => {
    const line = PAGE.split('\n').find((text) => text.startsWith(`| ${grouped(users)} `))!;
    const cells = line.split('|').map((cell) => cell.trim());
    expect(cells.slice(1, -1)).toEqual(lineOf(users, items));
  });

  it('name what users in Redis take as docs/formats.md does', () => {
    const formats = readFileSync(join(import.meta.dirname, '../../docs/formats.md'), 'utf8');
    const [least, most] = documented(/\| (\d+) bytes, or (\d+) with half-lives/);
    expect(formats).toMatch(new RegExp(`take ${least} bytes each in Redis[^]*?\\n${most} if half-lives`));
  });
});
