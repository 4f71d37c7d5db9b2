import { closeSync, openSync, readSync } from 'node:fs';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { type Problem, RevgraphError } from '../errors/error.js';
import { listFiles } from './files.js';
import type { FoundHeader } from './header/assemble.js';
import { type HeaderReading, readHeader } from './header/header.js';
import type { Revision, RevisionBody } from './revision.js';
import { digestOfText, readingReason, readText } from './text.js';

/**
 * How much of a file is made text to look for its header, step by step; more of it is read only where that is not
 * enough. What is found are slices that keep the whole text alive: with 2 KB at once, a fifth of the time went to
 * the garbage collector.
 */
const LENGTHS = [512, 2048] as const;
const MORE = [2 ** 16, 2 ** 20, 2 ** 24] as const;

/**
 * Reads the headers of all revisions of a folder and its subfolders, sorted by path; runs none of their code.
 *
 * Revisions are `.sql`, `.ts`, `.js` and `.mjs` files. Left out: names that begin with a dot or underscore,
 * `node_modules`, `.d.ts`, and tests (`.test.`, `.spec.`). A folder without a revision gives `[]`.
 *
 * @param directory relative to the working directory, or absolute
 * @throws RevgraphError `directory_missing`; `usage` if it is no folder or can't be opened; `graph_invalid`
 *   with the problems of all files at once
 */
export async function readRevisionFolder(directory: string): Promise<Revision[]> {
  const { revisions, problems } = await scanRevisionFolder(directory);
  if (problems.length > 0) throw new RevgraphError('graph_invalid', { problems });
  return revisions;
}

/** What could be read of a folder, and what is wrong with the rest of it. */
export async function scanRevisionFolder(
  directory: string,
): Promise<{ revisions: Revision[]; problems: readonly Problem[] }> {
  // Synchronous on purpose: for 10,000 small files the promises cost several times the reading itself.
  const root = resolve(directory);
  const base = prefixOf(root);
  const problems: Problem[] = [];
  const beginning = Buffer.allocUnsafe(LENGTHS[1]);
  const revisions: Revision[] = [];
  for (const name of listFiles(root, directory, base, problems)) {
    const path = root + sep + name;
    const file = base + name;
    const reading = readBeginning(path, file, beginning);
    problems.push(...reading.problems);
    if (reading.found !== null) revisions.push(toRevision(reading.found, path, file));
  }
  return { revisions, problems };
}

type Found = Pick<HeaderReading, 'found' | 'problems'>;

function readBeginning(path: string, file: string, buffer: Buffer): Found {
  const kind = /\.sql$/i.test(path) ? 'sql' : 'code';
  try {
    const size = readInto(path, buffer);
    if (size >= 2 && isUtf16(buffer)) return unreadable(file, 'it is UTF-16; save it as UTF-8');
    for (const length of LENGTHS) {
      const reading = readHeader(buffer.toString('utf8', 0, Math.min(size, length)), file, kind);
      if (reading.finished) return reading;
    }
    for (const length of MORE) {
      const longer = Buffer.allocUnsafe(length);
      const read = readInto(path, longer, true);
      const reading = readHeader(longer.toString('utf8', 0, read), file, kind);
      if (reading.finished || read < length) return reading;
    }
    return unreadable(file, 'its header does not end within the first 16 MB');
  } catch (error) {
    return unreadable(file, readingReason(error));
  }
}

/** @param full read on until the buffer is full or the file at its end; else what one reading gives will do */
function readInto(path: string, buffer: Buffer, full = false): number {
  const handle = openSync(path, 'r');
  try {
    let size = 0;
    for (let more = 1; more > 0 && size < buffer.length && (full || size === 0); size += more)
      more = readSync(handle, buffer, size, buffer.length - size, size);
    return size;
  } finally {
    closeSync(handle);
  }
}

function isUtf16(beginning: Buffer): boolean {
  const mark = beginning.readUInt16BE(0);
  return mark === 0xfeff || mark === 0xfffe;
}

function unreadable(file: string, reason: string): Found {
  return { found: null, problems: [{ code: 'unreadable_file', file, reason }] };
}

function toRevision(found: FoundHeader, path: string, file: string): Revision {
  const { revises, dependsOn, labels, message, header } = found;
  let body: Promise<RevisionBody> | null = null;
  const text = (): string => readText(path, file);
  // The very text that runs, should somebody write to the file meanwhile; and a large one is read once. Its sections are
  // parts of it, so that to keep it costs nothing.
  let read: string | null = null;
  let digest: string | null = null;
  const revision: Revision = {
    revision: found.revision,
    revises,
    dependsOn,
    labels,
    message,
    file,
    header,
    mentions: (word) => (read ?? text()).includes(word),
    // Imported when asked for: lists and graphs need neither the parser nor a way to load code.
    body: Object.assign(
      () => {
        body ??= import('./body.js').then(({ readBody }) => {
          read = text();
          digest = digestOfText(read);
          return readBody(read, path, revision);
        });
        return body;
      },
      { text, digest: () => digest ?? digestOfText(text()) },
    ),
  };
  return revision;
}

/** What stands before the name of a file: relative to the working directory when below it. */
function prefixOf(root: string): string {
  const short = relative(process.cwd(), root);
  if (short === '') return '';
  return (short === '..' || short.startsWith(`..${sep}`) || isAbsolute(short) ? root : short) + sep;
}
