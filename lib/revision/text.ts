import { readFileSync } from 'node:fs';
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
 * @throws RevgraphError `graph_invalid` with `unreadable_file`, also where it is not UTF-8: to guess would
 *   change what is written to the database
 */
export function readText(path: string, file: string): string {
  try {
    return normalised(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(path)));
  } catch (error) {
    throw new RevgraphError(
      'graph_invalid',
      { problems: [{ code: 'unreadable_file', file, reason: readingReason(error) }] },
      { cause: error },
    );
  }
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
