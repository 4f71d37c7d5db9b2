import { type Dirent, readdirSync, realpathSync, statSync } from 'node:fs';
import { join, parse, sep } from 'node:path';
import { type Problem, RevgraphError } from '../errors/error.js';
import { readingReason } from './text.js';

/** True for the names that `readRevisionFolder` takes for revisions. */
export function isRevisionFile(name: string): boolean {
  if (isHidden(name)) return false;
  return ENDING.test(name) && !LEFT_OUT.test(name);
}

const ENDING = /\.(?:sql|ts|js|mjs)$/i;
const LEFT_OUT = /\.(?:d\.ts|(?:test|spec)\.\w+)$/i;

function isHidden(name: string): boolean {
  return name.startsWith('.') || name.startsWith('_') || name === 'node_modules';
}

/**
 * Paths of revision files below a folder, relative to it, sorted by character code. Subfolders that can't be
 * read become problems.
 *
 * @param root the folder
 * @param directory its name in errors about itself
 * @param base what stands before names in problems
 * @throws RevgraphError `directory_missing`, or `usage` if the folder itself can't be read
 */
export function listFiles(root: string, directory: string, base: string, problems: Problem[]): string[] {
  const files: string[] = [];
  const seen = new Set<string>();
  const folders = [''];
  // After the folders that are really there, so that of two ways to a file the plain one is shown.
  const linked: string[] = [];
  for (let here = folders.pop(); here !== undefined; here = folders.pop() ?? linked.pop()) {
    const folder = here;
    const entries = entriesOf(root, folder, directory, (reason) => {
      problems.push({ code: 'unreadable_file', file: base + folder, reason });
    });
    const real = realOf(join(root, folder));
    if (real === null || seen.has(real)) continue;
    seen.add(real);
    // By a link that is one character short all of the machine would be read.
    if (real === parse(real).root) {
      const reason = 'it is the root of the file system';
      if (folder === '') throw new RevgraphError('directory_unreadable', { directory, reason });
      problems.push({ code: 'unreadable_file', file: base + folder, reason });
      continue;
    }
    for (const entry of entries) {
      if (isHidden(entry.name)) continue;
      const name = folder === '' ? entry.name : folder + sep + entry.name;
      const kind = kindOf(entry, root + sep + name, (reason) => {
        problems.push({ code: 'unreadable_file', file: base + name, reason });
      });
      if (kind === 'folder') (entry.isSymbolicLink() ? linked : folders).push(name);
      else if (kind === 'file' && isRevisionFile(entry.name)) files.push(name);
    }
  }
  return files.sort();
}

/** Null where it is gone meanwhile. */
function realOf(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}

function entriesOf(
  root: string,
  folder: string,
  directory: string,
  report: (reason: string) => void,
): Dirent[] {
  try {
    return readdirSync(join(root, folder), { withFileTypes: true });
  } catch (error) {
    if (folder !== '') {
      report(readingReason(error));
      return [];
    }
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'ENOENT') throw new RevgraphError('directory_missing', { directory }, { cause: error });
    const reason = code === 'ENOTDIR' ? 'it is not a folder' : readingReason(error);
    throw new RevgraphError('directory_unreadable', { directory, reason }, { cause: error });
  }
}

/** Links are followed: mounted configuration often consists of them. */
function kindOf(entry: Dirent, path: string, report: (reason: string) => void): 'file' | 'folder' | 'other' {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  if (!entry.isSymbolicLink()) return 'other';
  try {
    const target = statSync(path);
    return target.isFile() ? 'file' : target.isDirectory() ? 'folder' : 'other';
  } catch (error) {
    // It leads nowhere. To read it will say so, if by its name it is a revision.
    if (isRevisionFile(entry.name) || (error as NodeJS.ErrnoException).code === 'ENOENT') return 'file';
    // What can't be looked at may be a folder full of revisions.
    report(readingReason(error));
    return 'other';
  }
}
