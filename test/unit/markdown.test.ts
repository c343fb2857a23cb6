import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { expect } from 'chai';

const WIDTH = 120;
/** Folders with Markdown files, apart from the root. */
const FOLDERS = ['bench', 'chaos', 'demo', 'docs', 'examples', 'testkit'];

interface Line {
  file: string;
  place: string;
  text: string;
}

/** The lines of all Markdown files outside of code blocks. */
function proseLines(): Line[] {
  const files = [
    ...readdirSync('.'),
    ...FOLDERS.flatMap((folder) => readdirSync(folder, { recursive: true }).map((name) => join(folder, String(name)))),
  ].filter((name) => name.endsWith('.md'));
  return files.flatMap((file) => {
    let inCode = false;
    return readFileSync(file, 'utf8')
      .split('\n')
      .map((text, index) => {
        const fence = text.trimStart().startsWith('```');
        if (fence) inCode = !inCode;
        return { file, place: `${file}:${index + 1}`, text, isCode: inCode || fence };
      })
      .filter(({ isCode }) => !isCode);
  });
}

/** A heading's anchor, as GitHub makes it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');

describe('the Markdown files', () => {
  const lines = proseLines();

  it(`have lines of at most ${WIDTH} characters, apart from code and from a single long word`, () => {
    expect(lines.length).to.be.greaterThan(2000);
    const long = lines.filter(({ text }) => text.length > WIDTH && !/^\s*(- )?\S+$/.test(text));
    expect(long.map(({ place }) => place)).to.deep.equal([]);
  });

  it('have no table cell of more than two sentences', () => {
    const cells = lines
      .filter(({ text }) => text.startsWith('|'))
      .flatMap(({ place, text }) => text.split(/(?<!\\)\|/).map((cell) => ({ place, cell })));
    expect(cells.length).to.be.greaterThan(500);
    const long = cells.filter(({ cell }) => (cell.match(/[.!?](?=\s)/g) ?? []).length > 2);
    expect(long.map(({ place }) => place)).to.deep.equal([]);
  });

  it('have links only to files and headings that exist', () => {
    const headings = lines.flatMap(({ file, text }) => {
      const [, heading] = /^#+ (.*)/.exec(text) ?? [];
      return heading === undefined ? [] : [`${file}#${anchorOf(heading)}`];
    });
    const links = lines.flatMap(({ file, place, text }) =>
      [...text.matchAll(/\]\((?!http)([^)#]*)(#[^)]*)?\)/g)].map(([, path = '', anchor = '']) => {
        const target = path === '' ? file : join(dirname(file), path);
        return { place, target, exists: anchor === '' ? existsSync(target) : headings.includes(target + anchor) };
      }),
    );
    expect(links.length).to.be.greaterThan(50);
    const broken = links.filter(({ exists }) => !exists);
    expect(broken.map(({ place, target }) => `${place}: ${target}`)).to.deep.equal([]);
  });
});
