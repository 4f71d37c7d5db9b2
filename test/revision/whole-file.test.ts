import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readCatalogue, writeCatalogue } from '../../lib/evidence/catalogue-file.js';
import { readConfig, readRevisionFolder } from '../../lib/index.js';
import { initProject } from '../../lib/project/init.js';
import { writeWhole } from '../../lib/revision/whole-file.js';
import { folderOf } from './temporary.js';
import { thrown } from './thrown.js';

const LIBRARY = fileURLToPath(new URL('../../dist/lib/', import.meta.url));
const BINARY = fileURLToPath(new URL('../../dist/bin/revgraph.js', import.meta.url));

/** Runs Node where no file may grow beyond so many blocks of 512 bytes, which is how a full disk looks. */
function onFullDisk(blocks: number, cwd: string, ...args: string[]) {
  const command = ['ulimit', '-f', `${blocks}`].join(' ');
  return spawnSync('sh', ['-c', `${command}; exec "$@"`, 'sh', process.execPath, ...args], {
    cwd,
    encoding: 'utf8',
  });
}

describe('a file that can not be written to its end', () => {
  test('is the old one: a catalogue', async () => {
    const folder = folderOf();
    const file = join(folder, 'catalogue.json');
    const entry = (revision: string) => ({ revision, parents: [], checksum: '', adds: [], removes: [] });
    writeCatalogue(file, [entry('a')]);
    const code = `import { writeCatalogue } from ${JSON.stringify(`${LIBRARY}evidence/catalogue-file.js`)};
      const entry = ${JSON.stringify(entry('b'))};
      writeCatalogue(${JSON.stringify(file)}, Array.from({ length: 1000 }, () => entry));`;
    const { status, stderr } = onFullDisk(1, folder, '--input-type=module', '-e', code);
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/file_unwritable/);
    expect((await readCatalogue(file)).map(({ revision }) => revision)).toEqual(['a']);
    expect(readdirSync(folder)).toEqual(['catalogue.json']);
  });

  test('is not there: a revision, a configuration', () => {
    const folder = folderOf({ '.gitignore': 'node_modules/' });
    mkdirSync(join(folder, 'revisions'));
    for (const args of [['init'], ['revision', '-m', 'first']])
      expect(onFullDisk(0, folder, BINARY, ...args).stderr).toMatch(/could not be written/);
    expect(readdirSync(folder, { recursive: true }).sort()).toEqual(['.gitignore', 'revisions']);
    expect(readFileSync(join(folder, '.gitignore'), 'utf8')).toBe('node_modules/');
  });
});

describe('what is written over', () => {
  test('keeps its mode, and a link stays a link', () => {
    const folder = folderOf({ real: 'old' });
    chmodSync(join(folder, 'real'), 0o640);
    symlinkSync('real', join(folder, 'link'));
    writeWhole(join(folder, 'link'), 'new');
    expect(lstatSync(join(folder, 'link')).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(folder, 'real'), 'utf8')).toBe('new');
    expect(statSync(join(folder, 'real')).mode & 0o777).toBe(0o640);
  });

  test('is never written over where it must be fresh', async () => {
    const folder = folderOf({ a: 'old' });
    const { cause } = await thrown('file_unwritable', () =>
      writeWhole(join(folder, 'a'), 'new', { fresh: true }),
    );
    expect(cause).toMatchObject({ code: 'EEXIST' });
    expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['a']);
  });

  test('may be no file at all', async () => {
    const folder = folderOf({ 'b/c': '' });
    await thrown('file_unwritable', () => writeWhole(join(folder, 'b'), 'text'));
    writeWhole('/dev/null', 'text');
    expect(statSync('/dev/null').isFile()).toBe(false);
  });
});

describe('what is there and can not be read is not missing', () => {
  const ring = (folder: string, name: string): string => {
    symlinkSync(name, join(folder, name));
    return join(folder, name);
  };

  test('a catalogue', async () => {
    const folder = folderOf({ 'catalogue.json/x': '' });
    expect(
      await thrown('file_unreadable', () => readCatalogue(join(folder, 'catalogue.json'))),
    ).toMatchObject({
      details: { reason: 'it is a folder' },
    });
    await thrown('file_unreadable', () => readCatalogue(ring(folder, 'ring.json')));
    await thrown('catalogue_missing', () => readCatalogue(join(folder, 'none.json')));
  });

  test('a configuration, named or not', async () => {
    const folder = folderOf();
    await thrown('file_unreadable', () => readConfig(ring(folder, 'revgraph.config.json')));
    await thrown('config_invalid', () => readConfig(join(folder, 'none.json')));
    const { status, stderr } = spawnSync(process.execPath, [BINARY, 'heads'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([
      2,
      expect.stringMatching(/revgraph\.config\.json could not be read: its symbolic links/),
    ]);
  });

  test('a linked folder of revisions', async () => {
    const folder = folderOf();
    ring(folder, 'more');
    const { details } = await thrown('graph_invalid', () => readRevisionFolder(folder));
    expect(details.problems).toMatchObject([
      { code: 'unreadable_file', reason: 'its symbolic links form a cycle' },
    ]);
  });

  test('a .gitignore', async () => {
    const folder = folderOf({ '.gitignore/x': '' });
    await thrown('file_unreadable', () => initProject({ directory: folder }));
    expect(existsSync(join(folder, '.gitignore/x'))).toBe(true);
  });
});
