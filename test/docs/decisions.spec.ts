import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '../../docs/decisions');
const pages = readdirSync(FOLDER).filter((name) => /^\d/.test(name));
const read = (page: string): string => readFileSync(join(FOLDER, page), 'utf8');

describe('decisions', () => {
  it('have numbers that follow one another', () => {
    expect(pages.map((page) => Number(page.slice(0, 4)))).toEqual(pages.map((_, place) => place + 1));
  });

  it.each(pages)('say in %s the question, options, figures, decision, and when to look again', (page) => {
    expect(read(page)).toMatch(new RegExp(`^# ${page.slice(0, 4)}: `));
    const headings = [...read(page).matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual(['Question', 'Options', 'Figures', 'Decision', 'Look again when']);
  });

  it('are listed by number and title', () => {
    const listed = [...read('README.md').matchAll(/^\| \[(\d+)\]\((\S+)\) +\| (.*?) +\|$/gm)];
    expect(listed.map(([, number, page, title]) => [page, `# ${number}: ${title}`])).toEqual(
      pages.map((page) => [page, read(page).split('\n')[0]]),
    );
  });
});
