import { constants } from 'node:buffer';
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { RevgraphError } from '../errors/error.js';

/**
 * The same text whatever the checkout made of it: no byte order mark, LF. What runs in the database is this,
 * so that a function body is the same from Windows and from Linux.
 */
export function normalised(text: string): string {
  return text.replace(/^\ufeff/, '').replaceAll('\r\n', '\n');
}

/**
 * A whole revision file as normalised text.
 *
 * @param path where it is
 * @param file its name for messages
 * @throws RevgraphError `graph_invalid` with `unreadable_file`, also where it is larger than a text can be, and
 *   where it is not UTF-8: to guess would change what is written to the database
 */
export function readText(path: string, file: string): string {
  try {
    const { size } = statSync(path);
    if (size > MOST_BYTES) throw new Error(tooLarge(size));
    return normalised(UTF_8.decode(readFileSync(path)));
  } catch (error) {
    throw new RevgraphError(
      'graph_invalid',
      { problems: [{ code: 'unreadable_file', file, reason: readingReason(error) }] },
      { cause: error },
    );
  }
}

const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The longest text that there is: JavaScript has no longer strings. */
const MOST_BYTES = constants.MAX_STRING_LENGTH;

function tooLarge(size: number): string {
  const inMegabytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20).toLocaleString('en')} MB`;
  return `it has ${inMegabytes(size)}, and up to ${inMegabytes(MOST_BYTES)} can be read; write it as several revisions, or load the data with copyInto in a code revision`;
}

/** What is given to the hash at once: it makes a copy. */
const AT_ONCE = 2 ** 20;

/** SHA-256 of a text as UTF-8, 64 hex digits. */
export function digestOfText(text: string): string {
  const hash = createHash('sha256');
  for (let from = 0; from < text.length; ) {
    let to = Math.min(text.length, from + AT_ONCE);
    // Between the two units of a character there is nothing to be cut.
    if (/[\ud800-\udbff]/.test(text.charAt(to - 1)) && to < text.length) to++;
    hash.update(text.slice(from, to));
    from = to;
  }
  return hash.digest('hex');
}

/** Why a file can't be read, without the path that the message names anyway. */
export function readingReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : '';
  return REASONS.get(code) ?? error.message;
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'it does not exist (any more)'],
  ['EACCES', 'permission denied'],
  ['EPERM', 'not permitted'],
  ['EISDIR', 'it is a folder'],
  ['ENOTDIR', 'a part of its path is not a folder'],
  ['ELOOP', 'its symbolic links form a cycle'],
  ['EEXIST', 'it already exists'],
  ['EROFS', 'the file system is read-only'],
  ['ENOSPC', 'the disk is full'],
  ['ERR_ENCODING_INVALID_ENCODED_DATA', 'it is not UTF-8; save it as UTF-8'],
]);
