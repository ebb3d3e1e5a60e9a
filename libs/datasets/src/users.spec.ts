import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImportedUser } from '#domain';
import { parseUserColumns } from './columns/columns-option.js';
import { openSources } from './sources/open-sources.js';
import { describeUsers } from './summary/describe-attributes.js';
import { understandUsers, type UsersOptions } from './understand-users.js';

async function usersOf(name: string, text: string, options: UsersOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'sparserec-users-'));
  writeFileSync(join(folder, name), text);
  const sources = await openSources(join(folder, name));
  try {
    const dataset = await understandUsers(sources.sources[0]!, options);
    const users: ImportedUser[] = [];
    for await (const chunk of dataset.users()) users.push(...chunk);
    return { summary: dataset.summary, users };
  } finally {
    await sources.dispose();
    rmSync(folder, { recursive: true });
  }
}

describe('a file of users', () => {
  it('of RecBole has its columns as metadata', async () => {
    const text = 'user_id:token\tage:token\tgender:token\tzip_code:token\n1\t24\tM\t85711\n2\t53\tF\t04043\n';
    expect(await usersOf('ml-100k.user', text)).toMatchObject({
      summary: { format: 'recbole', users: 2, leftOut: [], cutUsers: [] },
      users: [
        { userId: '1', tags: [], metadata: { age: 24, gender: 'M', zip_code: 85711 } },
        { userId: '2', tags: [], metadata: { age: 53, gender: 'F', zip_code: '04043' } },
      ],
    });
  });

  it.each([
    ['users.dat', '1::F::1::10::48067\n2::M::56::16::70072\n', { gender: 'F', age: 1, occupation: 10 }],
    ['u.user', '1|24|M|technician|85711\n2|53|F|other|94043\n', { age: 24, gender: 'M' }],
  ])('of MovieLens is known without a header: %s', async (name, text, metadata) => {
    const { summary, users } = await usersOf(name, text);
    expect([summary.format, users.map(({ userId }) => userId)]).toEqual(['movielens', ['1', '2']]);
    expect(users[0]!.metadata).toMatchObject({ ...metadata, zipCode: expect.any(Number) });
  });

  it('says what users allow, and nothing of it where it does not', async () => {
    const text = 'id,tags,training,personal,metadata.code,metadata\na,x|y,false,t,007,\nb,,,,,"{""n"":1}"\n';
    expect((await usersOf('users.csv', text)).users).toEqual([
      { userId: 'a', tags: ['x', 'y'], metadata: { code: '007' }, training: false, personal: true },
      { userId: 'b', tags: [], metadata: { n: 1 } },
    ]);
    await expect(usersOf('users.csv', 'userId,training\na,maybe\n')).rejects.toMatchObject({
      message: expect.stringContaining('training must be true or false'),
    });
    const skipped = await usersOf('users.csv', 'userId,training\na,maybe\nb,true\n', { skipInvalid: true });
    expect([skipped.summary.users, skipped.summary.leftOut[0]?.rows]).toEqual([1, 1]);
  });

  it('of everything on one person has one user', async () => {
    const user = { userId: 'ann', tags: ['x'], metadata: { age: 31 }, training: true, personal: false };
    const rows = [
      { kind: 'user', createdAt: '2026-01-01T00:00:00Z', ...user },
      { kind: 'interaction', userId: 'ann', itemId: 'i', type: 'view', weight: 1 },
      { kind: 'cached-history', userId: 'ann', revision: 3, items: [] },
    ];
    const { users, summary } = await usersOf('ann.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'));
    expect(users).toEqual([user]);
    expect(summary.leftOut.map(({ reason }) => reason)).toEqual([
      'kind interaction, which is no user',
      'kind cached-history, which is no user',
    ]);
  });

  it('has users whose attribute is called kind', async () => {
    const rows = [
      { userId: 'ann', kind: 'business', createdAt: 2020 },
      { userId: 'ben', kind: null },
      { userId: 'eve' },
    ];
    const { users, summary } = await usersOf('x.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'));
    expect(users).toMatchObject([
      { userId: 'ann', metadata: { kind: 'business', createdAt: 2020 } },
      { userId: 'ben' },
      { userId: 'eve', metadata: {} },
    ]);
    expect(summary.leftOut).toEqual([]);
  });

  it('is summarised with columns, counts, a sample and the command that says the same', async () => {
    const text = 'member,groups,training,age\n a,x|y,false,31\nb,,true,\na,,,\n';
    const columns = parseUserColumns('id=member,tags=groups');
    const { summary } = await usersOf('users.csv', text, { columns });
    expect(summary).toMatchObject({
      columns: { id: 'member', tags: 'groups', training: 'training', personal: null },
      metadataColumns: ['age'],
      users: 2,
      repeats: 1,
      tagged: 1,
      noTraining: 1,
      noPersonal: 0,
      trimmedIds: 1,
      sample: [
        { userId: 'a', tags: ['x', 'y'], metadata: { age: 31 }, training: false, personal: null },
        { userId: 'b', tags: [], metadata: {}, training: true, personal: null },
        { userId: 'a', tags: [], metadata: {}, training: null, personal: null },
      ],
      command: `sparserec import --users ${summary.name} --encoding utf-8 --delimiter , --header --user-columns id=member,tags=groups,training=training`,
    });
    expect(describeUsers(summary)).toContain(
      [
        '  2 users, 1 with tags, 1 who say no to training',
        '  1 row with an id that came before: the last counts',
        '  1 id had blanks around, which are cut off',
        '  The first rows, as they are stored:',
        '    user "a", tags ["x","y"], {"age":31}, training false',
        '',
      ].join('\n'),
    );
  });

  it('without a header is read by numbers, and what is ignored is left out', async () => {
    const { users } = await usersOf('u', '1,x\n2,y\n', { columns: parseUserColumns('id=1,tags=2') });
    expect(users).toMatchObject([
      { userId: '1', tags: ['x'] },
      { userId: '2', tags: ['y'] },
    ]);
    const known = await usersOf('users.dat', '1::F::1::10::48067\n', { ignoreColumns: ['gender', '3'] });
    expect(known.users[0]!.metadata).toEqual({ occupation: 10, zipCode: 48067 });
    expect(known.summary.ignoredColumns).toEqual([2, 3]);
  });

  it('is refused without a column of users', async () => {
    await expect(usersOf('items.csv', 'itemId,title\na,b\n')).rejects.toMatchObject({
      code: 'import-source-invalid',
      message: expect.stringContaining('say which is the user by --user-columns id=NAME'),
    });
  });

  it('is cut where a user would have more than one may have', async () => {
    const tags = Array.from({ length: 65 }, (_, n) => `t${n}`);
    const row = { userId: 'ann', tags, metadata: { text: 'x'.repeat(16_384) } };
    const { users, summary } = await usersOf('users.jsonl', JSON.stringify(row));
    expect([users[0]!.tags.length, users[0]!.metadata, summary.cutUsers.length]).toEqual([64, {}, 2]);
  });
});
