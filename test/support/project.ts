import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder that is gone when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'revgraph-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes files into a new folder. @returns the folder */
export function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

/** A `.sql` revision. */
export function sql(
  id: string,
  parts: { revises?: string; header?: string; upgrade?: string; downgrade?: string; more?: string },
): string {
  const { revises, header, upgrade, downgrade, more } = parts;
  return [
    `-- Revision ${id} of a test`,
    '--',
    `-- @revision ${id}`,
    ...(revises === undefined ? [] : [`-- @revises ${revises}`]),
    ...(header === undefined ? [] : [header]),
    '',
    ...(upgrade === undefined ? [] : ['-- @upgrade', upgrade]),
    ...(more === undefined ? [] : [more]),
    ...(downgrade === undefined ? [] : ['-- @downgrade', downgrade]),
    '',
  ].join('\n');
}
