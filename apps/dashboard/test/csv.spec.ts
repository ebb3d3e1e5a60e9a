import { csvOf } from '../src/ui/files/csv.js';

describe('a table as CSV', () => {
  it('quotes what would end a field or a row', () => {
    const rows = [['a,b', 'say "no"', 'two\nlines', null, 1.5, true]];
    expect(csvOf(['one', 'two', 'three', 'four', 'five', 'six'], rows)).toBe(
      '\uFEFFone,two,three,four,five,six\r\n"a,b","say ""no""","two\nlines",,1.5,true\r\n',
    );
  });

  it('has no text that a spreadsheet takes for a formula, and leaves numbers alone', () => {
    const table = csvOf(['name'], [['=HYPERLINK("http://evil.example")'], ['+1'], ['@sum'], [-1], ['a=b']]);
    expect(table.split('\r\n').slice(1, -1)).toEqual([
      `"'=HYPERLINK(""http://evil.example"")"`,
      "'+1",
      "'@sum",
      '-1',
      'a=b',
    ]);
  });
});
