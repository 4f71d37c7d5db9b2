import { describe, expect, test } from 'vitest';
import { run } from '../support/command-line.js';

/* What is typed and can't be meant is refused before anything is done. */

const refused = async (args: string[], says: RegExp): Promise<void> => {
  const { exitValue, stdout, stderr } = await run('.', args, { LANG: 'de_DE.UTF-8', LC_ALL: 'de_DE.UTF-8' });
  expect([exitValue, stdout, stderr]).toEqual([2, '', expect.stringMatching(says)]);
};

describe('an option that takes one value and is given twice', () => {
  test.each([
    [['heads', '--revisions', 'nowhere', '--revisions', 'revisions'], /^--revisions takes one value/],
    [['upgrade', '--version-table', 'a', '--version-table=b'], /^--version-table takes one value/],
    [['upgrade', '--lock-timeout', '5', '--lock-timeout', '6'], /^--lock-timeout takes one value/],
    [['upgrade', '--lock', 'off', '--lock', 'advisory'], /^--lock takes one value/],
    [['backfill', 'work', '--connections', '2', '--connections', '3'], /^--connections takes one value/],
    [['revision', '-m', 'one', '-m', 'two'], /^--message takes one value/],
  ])('%j', refused);

  test('is no list, and lists are lists', async () => {
    const twice = ['--revisions', 'revisions', '--revisions', 'revisions'];
    const { exitValue, stdout } = await run('.', ['heads', ...twice, '--json']);
    expect([exitValue, JSON.parse(stdout).error.code]).toEqual([2, 'usage']);
    const shown = await run('.', ['show', 'a71d62f22c10', 'b06ced8ecd14', '--json', '--json']);
    expect(JSON.parse(shown.stdout).revisions).toHaveLength(2);
  });
});

describe('a switch with a value, and a value that is switched off', () => {
  test.each([
    [['upgrade', '--dry-run=yes'], /^--dry-run takes no value, and was given "yes"/],
    [['upgrade', 'head', '--dryRun=1'], /^--dryRun takes no value/],
    [['downgrade', 'base', '-y=no'], /^-y takes no value/],
    [['heads', '--json=yes', '--no-json'], /^--json takes no value|^--json takes one value/],
    [['heads', '--no-revisions'], /^--no-revisions is no option: --revisions takes a value/],
    [['upgrade', '--no-lock'], /Given: false, Choices: "advisory", "transaction", "row", "off"/],
    [['upgrade', '--no-lock-timeout'], /^"false" is not a number of seconds/],
    [['backfill', 'dry-run', 'a', '--count=maybe'], /^--count takes no value/],
  ])('%j', refused);

  test('true and false are read as such', async () => {
    const { exitValue, stdout } = await run('.', ['heads', '--json=true', '--quiet=false', '--no-color']);
    expect([exitValue, JSON.parse(stdout).heads]).toEqual([0, expect.anything()]);
  });
});

describe('an option that there is not', () => {
  test.each([
    [
      ['upgrade', '--lock-timout', '5'],
      /^Unknown argument: --lock-timout\.\n→ Did you mean --lock-timeout\?/,
    ],
    [['upgrade', '--lockTimout=5'], /Did you mean --lock-timeout\?/],
    [['upgrade', '--no-prefligt'], /--no-prefligt\.\n→ Did you mean --no-preflight\?/],
    [['heads', '--revision', 'x'], /--revision\.\n→ Did you mean --revisions\?/],
    [['backfill', 'status', '--quit'], /--quit\.\n→ Did you mean --quiet\?/],
    [
      ['upgrade', '--shcema', 'x', '--jsn'],
      /^Unknown arguments: --shcema, --jsn\.\n→ Did you mean --schema or --json\?/,
    ],
    [['heads', 'extra'], /^Unknown argument: extra\.\n→ See `revgraph heads --help`/],
    [['heads', '-z'], /^Unknown argument: -z\./],
  ])('%j', refused);
});

test('words behind -- count as those before it', async () => {
  const shown = await run('.', ['show', '--json', '--', 'a71d62f22c10']);
  expect(JSON.parse(shown.stdout).revisions).toHaveLength(1);
});

test.each(['merge', 'revision', 'squash', 'upgrade'])(
  'the help of %s lists each option once',
  async (command) => {
    const { exitValue, stdout } = await run('.', [command, '--help']);
    const options = [...stdout.matchAll(/^ +(?:-\w, )?--([\w-]+) /gm)].map(([, name]) => name);
    expect([exitValue, options.length > 10]).toEqual([0, true]);
    expect(options).toEqual([...new Set(options)]);
  },
);
