import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { run } from '../support/command-line.js';
import { folderWith } from '../support/project.js';

const BINARY = fileURLToPath(new URL('../../dist/bin/revgraph.js', import.meta.url));

test('bash completes commands and their options', async () => {
  const { stdout } = await run('.', ['completion', 'bash']);
  const completed = (...words: string[]): string[] => {
    const script = `revgraph() { ${process.execPath} '${BINARY}' "$@"; }
${stdout}
COMP_WORDS=(${words.join(' ')}); COMP_CWORD=${words.length - 1}
_revgraph
printf '%s\\n' "\${COMPREPLY[@]}"`;
    return spawnSync('bash', ['-c', script], { encoding: 'utf8' }).stdout.trim().split('\n');
  };
  expect(completed('revgraph', 'down')).toEqual(['downgrade']);
  expect(completed('revgraph', 'upgrade', '--statement')).toEqual(['--statement-timeout']);
});

test('there is one for each shell, and no other', async () => {
  for (const shell of ['zsh', 'fish'])
    expect(await run('.', ['completion', shell])).toMatchObject({
      exitValue: 0,
      stdout: expect.stringContaining('--get-yargs-completions'),
    });
  expect((await run('.', ['completion', 'csh'])).exitValue).toBe(2);
});

test('two configuration files are refused: nobody can know which one is meant', async () => {
  const folder = folderWith({ 'revgraph.config.json': '{}', 'revgraph.config.mjs': 'export default {}' });
  const { exitValue, stderr } = await run(folder, ['heads']);
  expect([exitValue, stderr]).toEqual([
    2,
    expect.stringMatching(/revgraph\.config\.mjs.*revgraph\.config\.json is there as well/s),
  ]);
});
