import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { RevgraphError } from '../errors/error.js';
import { readingReason } from './text.js';

const MISSING = /^(ENOENT|ENOTDIR)$/;

const codeOf = (error: unknown): string => String((error as NodeJS.ErrnoException).code ?? '');

/**
 * What is at a path; null if nothing is.
 * @throws `file_unreadable` where that can't be told: no permission, links in a ring. That is not “nothing”.
 */
export function lookAt(file: string): Stats | null {
  return unlessMissing(file, () => statSync(file));
}

/** The text of a file; null if there is none. @throws `file_unreadable` */
export function readWhole(file: string): string | null {
  return unlessMissing(file, () => readFileSync(file, 'utf8'));
}

function unlessMissing<T>(file: string, action: () => T): T | null {
  try {
    return action();
  } catch (error) {
    if (MISSING.test(codeOf(error))) return null;
    throw new RevgraphError('file_unreadable', { file, reason: readingReason(error) }, { cause: error });
  }
}

/**
 * Writes a file whole or not at all: beside it under another name, to the disk, and then in its place. Whatever happens
 * meanwhile, the file is the old one or the new one.
 * @param options `fresh`: never over a file that is there
 * @throws `file_unwritable`, the system's error as its cause
 */
export function writeWhole(file: string, text: string, { fresh = false } = {}): void {
  try {
    const there = fresh ? null : lookAt(file);
    // A terminal or a pipe, such as /dev/stdout, has no old content to keep.
    if (there !== null && !there.isFile() && !there.isDirectory()) writeFileSync(file, text);
    // Of a link the target is written, as ever.
    else replace(there === null ? file : realpathSync(file), text, fresh, there);
  } catch (error) {
    if (error instanceof RevgraphError) throw error;
    throw new RevgraphError('file_unwritable', { file, reason: readingReason(error) }, { cause: error });
  }
}

function replace(file: string, text: string, fresh: boolean, there: Stats | null): void {
  // Hidden, so that a folder of revisions is read without it, should it be left behind.
  const beside = join(dirname(file), `.${basename(file)}.${randomBytes(4).toString('hex')}.tmp`);
  const handle = openSync(beside, 'wx');
  try {
    try {
      writeFileSync(handle, text);
      if (there !== null) fchmodSync(handle, there.mode);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    // Unlike a rename, a link never takes the place of what is there.
    if (fresh) linkSync(beside, file);
    else renameSync(beside, file);
  } finally {
    rmSync(beside, { force: true });
  }
}
