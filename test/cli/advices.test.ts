import { readdirSync, readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { advisor, HEEDED, placeOf } from '../../bin/advice.js';
import { EXAMPLES } from '../../bin/examples.js';
import { runCommandLine } from '../../bin/main.js';
import { writtenAdvices } from '../support/advice.js';

/* Every command that is written down as an advice is one that there is, and goes on where the one that advises it acted. */

const helps = new Map<string, string>();

/** The help of a verb, as yargs prints it. */
async function help(...verb: string[]): Promise<string> {
  const key = verb.join(' ');
  const known = helps.get(key);
  if (known !== undefined) return known;
  const print = vi.spyOn(console, 'log').mockImplementation(() => {});
  await runCommandLine([...verb, '--help'], { args: [], signal: new AbortController().signal, exitValue: 0 });
  const text = print.mock.calls.join('\n');
  print.mockRestore();
  helps.set(key, text);
  return text;
}

const named = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([, name = '']) => name);

/** The verbs, or the actions of a verb that is a family. */
async function verbs(...family: string[]): Promise<string[]> {
  const [, listed = ''] = /^Commands:\n((?: .*\n)+)/m.exec(await help(...family)) ?? [];
  return [...new Set(named(listed, new RegExp(`^ +${['revgraph', ...family].join(' ')} ([a-z-]+)`, 'gm')))];
}

/** What is wrong with a command, judged by the help of its verb; null if nothing is. */
async function fault(words: readonly string[]): Promise<string | null> {
  const [verb = '', action = ''] = words;
  if (verb === '--help') return null;
  if (!(await verbs()).includes(verb)) return `there is no ${verb}`;
  const isFamily = (await verbs(verb)).length > 0;
  // The actions of the catalogue are choices of a word.
  const [, choices] = /<action>.*?\[choices: (.*?)\]/s.exec(await help(verb)) ?? [];
  const actions = isFamily ? await verbs(verb) : named(choices ?? '', /"(.*?)"/g);
  if (actions.length > 0 && !actions.includes(action)) return `there is no ${verb} ${action}`;
  const own = isFamily ? [verb, action] : [verb];
  const known = named(await help(...own), /(?:^ +|, )(--?[a-z-]+)/gm);
  const unknown = words.filter((word) => /^--?[a-z]/.test(word) && !known.includes(word.replace(/=.*/, '')));
  return unknown.length === 0 ? null : `${own.join(' ')} has no ${unknown.join(', ')}`;
}

test('the sources advise no command and no flag that there is not', async () => {
  const advices = writtenAdvices();
  const texts = advices.map(({ words }) => words.join(' '));
  for (const known of [
    'repair',
    'repair --dry-run',
    'stamp X --yes',
    'stamp REVISION --reason "…" --yes',
    'catalogue build',
    'backfill work',
    'backfill accept X --reason "…"',
    'boot --target X --unknown-rows X',
    'init --revisions X',
    'revision -m "first"',
  ])
    expect(texts).toContain(known);
  const faults = [];
  for (const { file, words } of advices) {
    const wrong = await fault(words);
    if (wrong !== null) faults.push(`${file}: revgraph ${words.join(' ')}: ${wrong}`);
  }
  expect(faults).toEqual([]);
});

test('nor does the documentation', async () => {
  const pages = readdirSync('.', { recursive: true, encoding: 'utf8' }).filter(
    (file) =>
      /^(README\.md|llms\.txt|(docs|skills)\/.*\.md)$/.test(file) && !file.startsWith('docs/decisions'),
  );
  expect(pages.length).toBeGreaterThan(20);
  const faults = [];
  const seen = new Set<string>();
  for (const page of pages) {
    const text = readFileSync(page, 'utf8');
    const commands = [
      ...named(text, /`(?:npx )?revgraph ([a-z][^`\n]*)`/g),
      ...named(text, /^```sh\n([\s\S]*?)^```$/gm).flatMap((block) =>
        named(block, /^(?:\$ |npx )?revgraph ([a-z].*?)(?: +#.*)?$/gm),
      ),
    ];
    for (const command of commands.map((one) => one.replace(/[[\]]| [|>&]+ .*$/g, ' ').trim())) {
      const words = (command.match(/"[^"]*"|\S+/g) ?? []).filter((word) => word !== '…');
      // A family as a whole.
      if (seen.has(command) || command === `${words[0]} …`) continue;
      seen.add(command);
      const wrong = await fault(words);
      if (wrong !== null) faults.push(`${page}: revgraph ${command}: ${wrong}`);
    }
  }
  expect(faults).toEqual([]);
  expect(seen.size).toBeGreaterThan(60);
});

test.each([
  ['repiar', 'there is no repiar'],
  ['repair --now', 'repair has no --now'],
  ['merge heads -n "merge"', 'merge has no -n'],
  ['backfill wrok', 'there is no backfill wrok'],
  ['backfill work --target X', 'backfill work has no --target'],
  ['catalogue make', 'there is no catalogue make'],
])('revgraph %s would be found', async (words, wrong) => {
  expect(await fault(words.split(' '))).toBe(wrong);
});

test('the help of every verb ends with two examples, and shows its own options first', async () => {
  for (const verb of await verbs()) {
    const text = await help(verb);
    const [, examples = ''] = /\nExamples:\n([\s\S]+)$/.exec(text) ?? [];
    expect(examples.trim().split(/\n(?= {2}\S)/).length, verb).toBeGreaterThan(1);
    if (/ --dry-run/.test(text))
      expect(text.indexOf('--dry-run'), verb).toBeLessThan(text.indexOf('--config'));
  }
  expect(Object.keys(EXAMPLES).sort()).toEqual((await verbs()).sort());
});

test('of every verb it is known what of a place it heeds', async () => {
  expect(Object.keys(HEEDED).sort()).toEqual((await verbs()).sort());
});

const ALL = ['--schema', 'ta', '--version-table=tv', '--revisions', 'my folder', '--config', "it's.json"];
const URL_OF = 'postgresql://me@h:5432/db?a=b&c';
const FILES = "--revisions 'my folder' --config 'it'\\''s.json'";
const TABLES = '--schema ta --version-table tv';

/** What is said, and how it is completed. */
const COMPLETED: readonly [string, string][] = [
  ['Run `revgraph repair`.', `Run \`revgraph repair ${FILES} --url '${URL_OF}' ${TABLES}\`.`],
  [
    'Fix it, then run: revgraph upgrade head',
    `Fix it, then run: revgraph upgrade head ${FILES} --url '${URL_OF}' ${TABLES}`,
  ],
  ['`revgraph merge heads -m "merge"`', `\`revgraph merge heads -m "merge" ${FILES}\``],
  ['→ revgraph merge a b -m "merge"', `→ revgraph merge a b -m "merge" ${FILES}`],
  ['`revgraph catalogue build`', `\`revgraph catalogue build ${FILES}\``],
  ['`revgraph init`', "`revgraph init --revisions 'my folder'`"],
  ['`revgraph init --revisions other`', '`revgraph init --revisions other`'],
  ['`revgraph matrix`', `\`revgraph matrix ${FILES} ${TABLES}\``],
  [
    '`revgraph upgrade --schema=tb`',
    `\`revgraph upgrade --schema=tb ${FILES} --url '${URL_OF}' --version-table tv\``,
  ],
  ['See `revgraph --help`, or `npm x`', 'See `revgraph --help`, or `npm x`'],
  ['what revgraph upgrade does', 'what revgraph upgrade does'],
];

test('what goes on with a run is allowed what the run was', () => {
  const advise = advisor(placeOf(['upgrade', '--missed', 'run', '--unknown-rows=allow']));
  expect(advise('`revgraph upgrade head`')).toBe('`revgraph upgrade head --unknown-rows allow --missed run`');
  expect(advise('`revgraph boot --unknown-rows warn`')).toBe(
    '`revgraph boot --unknown-rows warn --missed run`',
  );
  expect(advise('`revgraph repair`')).toBe('`revgraph repair`');
});

test.each(COMPLETED)('%s', (said, completed) => {
  expect(advisor(placeOf(['upgrade', ...ALL, '--url', URL_OF]))(said)).toBe(completed);
  expect(advisor(placeOf(['upgrade', 'head']))(said)).toBe(said);
});

test.each([
  'postgresql://me:hidden@h/db',
  'postgresql://me@h/db?password=hidden',
  'postgresql://me@h/db?pass%77ord=hidden',
  'postgresql://me:hidden/db',
  'postgresql://me@x:hidden@h/db',
  'postgresql://me:a/hidden@h/db',
  'host=h password=hidden',
  'mysql://me:hidden@h/db',
])('%s is not repeated', (url) => {
  const advice = 'Run `revgraph repair --url "$DATABASE_URL"`.';
  const say = (set: string | undefined) => advisor({ url }, set)('Run `revgraph repair`.');
  expect(say(url)).toBe(advice);
  expect(say(undefined)).toMatch(/^Run `.*`\.\nSet DATABASE_URL to the URL of --url first/);
  expect(say('postgresql://other/db')).toMatch(/\nSet DATABASE_URL/);
  expect(say('postgresql://other/db')).not.toMatch(/hidden/);
});

test.each([
  'postgresql://h/db',
  'postgres://me@[::1]:5432/db?sslmode=require',
  'pglite:memory',
  'pglite:.revgraph/db',
])('%s is', (url) => {
  expect(advisor({ url })('`revgraph status`')).toMatch(
    new RegExp(`^\`revgraph status --url '?${url.replace(/[[\]?]/g, '\\$&')}'?\`$`),
  );
});
