import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../support/command-line.js';
import { freshDatabase } from '../support/databases.js';
import { temporaryFolder } from '../support/project.js';

/* The pages as a site: all of them stand in its list, and the first ten minutes do what they show. */

interface Site {
  readonly default: {
    readonly themeConfig: {
      readonly sidebar: readonly { readonly items: readonly { readonly link: string }[] }[];
    };
  };
}
const { default: config } = (await import('../../docs/.vitepress/config.mjs' as string)) as Site;

const pages = readdirSync('docs').filter((file) => file.endsWith('.md') && file !== 'index.md');

test('every page stands in the list at the side, and what stands there is a page', () => {
  const listed = config.themeConfig.sidebar.flatMap(({ items }) => items.map(({ link }) => link));
  expect(new Set(listed)).toEqual(
    new Set([...pages.map((file) => `/${file.replace('.md', '')}`), '/decisions/0002-deviations']),
  );
  for (const link of listed) expect([link, existsSync(`docs${link}.md`)]).toEqual([link, true]);
});

test('pages link to pages that are there', () => {
  for (const page of [...pages, 'index.md'])
    for (const [, path = ''] of readFileSync(`docs/${page}`, 'utf8').matchAll(
      /\]\(([\w./-]+\.md)(?:#[\w-]+)?\)/g,
    ))
      expect([page, path, existsSync(join('docs', dirname(page), path))]).toEqual([page, path, true]);
});

const text = readFileSync('docs/start.md', 'utf8');
/** Its blocks in order: commands, what they print, and files with the name that the line before them gives. */
const blocks = [...text.matchAll(/(?:`(revisions\/[\w.]+)`:\n\n)?^```(\w*)\n([\s\S]*?)^```$/gm)].map(
  ([, file, language = '', body = '']) => ({ file, language, body }),
);

test('ten minutes: every command runs, in an empty folder, and prints what the page shows', async () => {
  const database = await freshDatabase();
  const cwd = temporaryFolder();
  let printed = '';
  let commands = 0;
  for (const { file, language, body } of blocks) {
    if (language === 'sql') {
      mkdirSync(dirname(join(cwd, file as string)), { recursive: true });
      // `revision` made it.
      expect([file, existsSync(join(cwd, file as string))]).toEqual([file, true]);
      writeFileSync(join(cwd, file as string), body);
    }
    // The first block is npm's.
    if (language === '' && commands > 0)
      for (const line of body.trimEnd().split('\n')) expect(printed).toContain(line);
    if (language !== 'sh') continue;
    printed = '';
    for (const line of body.trimEnd().split('\n')) {
      const [, words = '', exitValue = '0'] =
        /^npx revgraph (.*?)(?:\s+# exit value (\d))?$/.exec(line) ?? [];
      const args = [...words.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
      const { exitValue: ended, stdout, stderr } = await run(cwd, args, { DATABASE_URL: database.url });
      expect([line, ended]).toEqual([line, Number(exitValue)]);
      printed += stdout + stderr;
      commands++;
    }
  }
  expect(commands).toBeGreaterThan(14);
  expect(existsSync(join(cwd, 'graph.html'))).toBe(true);
  await database.drop();
});
