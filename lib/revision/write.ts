import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { RevgraphError } from '../errors/error.js';
import { isRevisionFile } from './files.js';
import { type HeaderReading, readHeader } from './header/header.js';
import { escapedMessage } from './header/prose.js';
import type { Revision } from './revision.js';
import { codeTemplate, sqlTemplate } from './template.js';
import { writeWhole } from './whole-file.js';

/** What {@link writeRevision} is told. */
export interface RevisionFile {
  /** Where to; it must be there. */
  readonly directory: string;
  /** The id. Default: 12 random hex digits. */
  readonly revision?: string;
  /** Any text: made one line, and kept from being taken for a tag. */
  readonly message: string;
  /** Parents; empty for a base. */
  readonly revises: readonly string[];
  readonly dependsOn?: readonly string[];
  readonly labels?: readonly string[];
  readonly kind: 'sql' | 'ts';
  /** A merge point: a header and nothing to run. Default false. */
  readonly merge?: boolean;
}

/**
 * Writes a new revision file, `ID_SLUG.sql` or `.ts`, and never over another one.
 *
 * The file is valid at once. Its sections are empty: until they are written, `upgrade` refuses it by name.
 *
 * @returns its path
 * @throws RevgraphError `file_exists`, `file_unwritable`, `directory_missing`; `graph_invalid` for an id,
 *   parent or label that no header can have
 */
export async function writeRevision(wanted: RevisionFile): Promise<string> {
  const revision = wanted.revision ?? randomBytes(6).toString('hex');
  const message = oneLine(wanted.message);
  const name = fileName(revision, message, wanted.kind);
  const header = headerLines({ ...wanted, revision, message });
  const text = (wanted.kind === 'sql' ? sqlTemplate : codeTemplate)(header, wanted.merge === true);
  const path = join(wanted.directory, name);
  refuseUnless(readHeader(text, path, wanted.kind === 'sql' ? 'sql' : 'code'), {
    ...wanted,
    revision,
    message,
  });
  try {
    writeWhole(path, text, { fresh: true });
  } catch (error) {
    throw unwritten(error, path, wanted.directory);
  }
  return path;
}

/** What was written is read back before it is: a name with a line break in it could say anything. */
function refuseUnless({ found, problems }: HeaderReading, wanted: RevisionFile & { revision: string }): void {
  if (found === null) throw new RevgraphError('graph_invalid', { problems });
  const { revision, message, revises, dependsOn = [], labels = [] } = wanted;
  const said = JSON.stringify([found.revision, found.message, found.revises, found.dependsOn, found.labels]);
  if (said === JSON.stringify([revision, message, revises, dependsOn, labels])) return;
  throw new RevgraphError('usage', {
    message: 'No revision was written, because these names are not valid in a header.',
    hint: 'Use single words without commas as ids, prerequisites and labels.',
  });
}

function unwritten(error: unknown, file: string, directory: string): unknown {
  const { cause } = error as { cause?: { code?: unknown } };
  if (cause?.code === 'EEXIST') return new RevgraphError('file_exists', { file }, { cause });
  if (cause?.code === 'ENOENT') return new RevgraphError('directory_missing', { directory }, { cause });
  return error;
}

function headerLines(wanted: RevisionFile & { revision: string }): string[] {
  const { revision, message, revises, dependsOn = [], labels = [] } = wanted;
  const list = (tag: string, names: readonly string[]): string[] =>
    names.length === 0 ? [] : [`@${tag} ${names.join(', ')}`];
  return [
    ...(message === '' ? [] : [escapedMessage(message), '']),
    `@revision ${revision}`,
    ...list('revises', revises),
    ...list('depends-on', dependsOn),
    ...list('label', labels),
  ];
}

/** One line that ends no comment: `*` and `/` are kept apart. */
export function oneLine(message: string): string {
  return message
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .replaceAll('*/', '* /')
    .trim();
}

/** ASCII words of a message for a file name, at most 40 characters; '' if it has none. */
function slug(message: string): string {
  const words = message
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_');
  return words.replace(/^_/, '').slice(0, 40).replace(/_$/, '');
}

/** The name of a file. An id may begin with a dot or underscore; a file that does would not be read again. */
export function fileName(revision: string, message: string, ending: string): string {
  const words = slug(message);
  const name = `${revision}${words === '' ? '' : `_${words}`}.${ending}`;
  return isRevisionFile(name) ? name : `revision_${revision}_${words || 'revision'}.${ending}`;
}

/** A revision file that is not on the disk yet. @throws `graph_invalid` for what could not be read from there either */
export async function readBack(name: string, text: string): Promise<Revision> {
  const { found, problems } = readHeader(text, name, 'sql');
  if (found === null || problems.length > 0) throw new RevgraphError('graph_invalid', { problems });
  const { line: _, ...header } = found;
  const { readSqlBody } = await import('./sql-body.js');
  const body = await readSqlBody(text, name);
  return { ...header, file: name, body: Object.assign(async () => body, { text: () => text }) };
}
