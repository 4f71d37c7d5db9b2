import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/project.js';

/* fixtures/legacy: databases of old releases, in layers. */

const FOLDER = 'fixtures/legacy';
const render = (...args: string[]) => execFileSync(process.execPath, args, { encoding: 'utf8' });
const layer = (name: string) => readFileSync(join(FOLDER, `${name}.sql`), 'utf8').replace(/^--.*\n/, '');
const statements = (sql: string) =>
  sql
    .split(/(?<=;)\n/)
    .filter((statement) => statement.trim() !== '' && !statement.includes('alembic_version'))
    .sort();

test('what is committed is what the script renders', () => {
  const folder = temporaryFolder();
  render(join(FOLDER, 'render.mjs'), folder);
  const files = readdirSync(folder).sort();
  expect(files).toEqual(
    readdirSync(FOLDER)
      .filter((file) => file.endsWith('.sql'))
      .sort(),
  );
  for (const file of files)
    expect({ file, text: readFileSync(join(FOLDER, file), 'utf8') }).toEqual({
      file,
      text: readFileSync(join(folder, file), 'utf8'),
    });
});

test.each([
  ['v1.0.2', ['v1.0.2']],
  ['v1.0.6', ['base', 'v1.0.6']],
  ['v1.0.24', ['base', 'later', 'v1.0.24']],
  ['v1.0.27', ['base', 'later', 'v1.0.28']],
  ['v1.0.28', ['base', 'later', 'v1.0.28']],
])('the layers of %s are all of it, each statement once', (release, layers) => {
  const whole = render(
    'fixtures/whisperengine/facts-to-sql.mjs',
    `fixtures/whisperengine/${release}.json`,
  ).replace(/^SET.*\n--.*\n/, '');
  expect(statements(layers.map(layer).join(''))).toEqual(statements(whole));
});
