import type { Problem } from '../../errors/error.js';
import { idProblem } from '../../graph/name.js';
import type { CommentLine } from './comment.js';
import { messageOf } from './prose.js';
import type { PlacedTag, Report } from './tag-lines.js';
import type { Requirement } from './tag-value.js';
import {
  type Reading,
  readCatalogueTag,
  readDependencies,
  readIds,
  readLabels,
  readParents,
  readRequirement,
  readSentence,
  readVersion,
  words,
} from './tag-value.js';

/** What a header says, once nothing is wrong with it. */
export interface FoundHeader {
  readonly revision: string;
  readonly revises: readonly string[];
  readonly dependsOn: readonly string[];
  readonly labels: readonly string[];
  readonly message: string;
  readonly header: Header;
  /** The line of `@revision`. */
  readonly line: number;
}

/** What the parts of a header are read with. */
export interface Sheet {
  readonly file: string;
  readonly kind: 'sql' | 'code';
  readonly problems: Problem[];
  readonly report: Report;
  /** Tags that are missing and named in prose instead: reported already. */
  readonly inProse: ReadonlySet<string>;
}

/** Puts a header together from its tags; what can't be read is reported and left at its default. */
export function assemble(
  tags: readonly PlacedTag[],
  lines: readonly CommentLine[],
  { file, kind, problems, report, inProse }: Sheet,
): FoundHeader {
  const draft = blank(kind, messageOf(lines));
  for (const tag of tags) readInto(draft, tag, report);
  const { revision, line } = draft;
  const id = line === 0 || revision === '' ? null : idProblem(revision);
  if (id !== null) problems.push({ code: id, revision, file, line });
  if (line === 0 && !inProse.has('revision')) {
    report(1, 'the header has no @revision', 'Add the id: @revision ID');
  }
  return draft;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface Draft extends Mutable<Omit<FoundHeader, 'header'>> {
  header: Mutable<Header>;
}

// One empty list for all: most headers of a large folder have no other.
const NONE: readonly never[] = Object.freeze([]);

function blank(kind: Header['kind'], message: string): Draft {
  return {
    revision: '',
    revises: NONE,
    dependsOn: NONE,
    labels: NONE,
    message,
    header: {
      transaction: 'auto',
      requires: NONE,
      idempotent: false,
      irreversible: null,
      adopt: false,
      loses: null,
      background: false,
      kind,
    },
    line: 0,
  };
}

/** Reads the value of one tag into the draft. Plain assignments: this is the hot path of `revgraph heads`. */
function readInto(draft: Draft, { name, value, line }: PlacedTag, report: Report): void {
  const take = <T>(reading: Reading<T>, otherwise: T): T => {
    if (reading.ok) return reading.value;
    report(line, reading.message, reading.hint);
    return otherwise;
  };
  const { header } = draft;
  switch (name) {
    case 'revision':
      draft.revision = take(readId(value), '');
      draft.line = line;
      break;
    case 'revises':
      draft.revises = take(filled(name, value, readParents), NONE);
      break;
    case 'depends-on':
      draft.dependsOn = take(filled(name, value, readDependencies), NONE);
      break;
    case 'label':
      draft.labels = take(filled(name, value, readLabels), NONE);
      break;
    case 'formerly':
    case 'replaces':
      header[name] = take(
        filled(name, value, (list) => readIds(name, list)),
        NONE,
      );
      break;
    case 'breaks-before':
      header.breaksBefore = take<string | undefined>(readVersion(value), undefined);
      break;
    case 'catalogue':
      header.skipsCatalogue = take<string | undefined>(readCatalogueTag(value), undefined);
      break;
    case 'transaction':
      header.transaction = take(readTransaction(value), 'auto');
      break;
    case 'irreversible':
    case 'loses':
      header[name] = take(readSentence(name, value), null);
      break;
    case 'idempotent':
    case 'adopt':
    case 'background':
      header[name] = take(readFlag(name, value), false);
      break;
    default: {
      const requirement = take<Requirement | null>(readRequirement(value, line), null);
      if (requirement !== null) header.requires = [...header.requires, requirement];
    }
  }
}

function readId(value: string): Reading<string> {
  return value === '' ? { ok: false, message: '@revision has no id', hint: 'Write @revision ID' } : ok(value);
}

function filled<T>(tag: string, value: string, reader: (list: readonly string[]) => Reading<T>): Reading<T> {
  const list = words(value);
  if (list.length > 0) return reader(list);
  const hint = tag === 'revises' ? 'A revision without parents (a base) has no @revises' : `Omit @${tag}`;
  return { ok: false, message: `@${tag} has no value`, hint };
}

function readFlag(tag: string, value: string): Reading<boolean> {
  if (value === '') return { ok: true, value: true };
  return { ok: false, message: `@${tag} takes no value, found ${JSON.stringify(value)}` };
}

function readTransaction(value: string): Reading<'auto' | 'none'> {
  if (value === 'none') return { ok: true, value };
  const message =
    value === '' ? '@transaction has no value' : `@transaction does not accept ${JSON.stringify(value)}`;
  return { ok: false, message, hint: 'Write @transaction none, or omit it' };
}

function ok<T>(value: T): Reading<T> {
  return { ok: true, value };
}

/** What the header says beside names and parents. */
export interface Header {
  /** `none`: run outside a transaction. Default `auto`: decided by the statements. */
  readonly transaction: 'auto' | 'none';
  readonly requires: readonly Requirement[];
  /** May run twice. Default false. */
  readonly idempotent: boolean;
  /** Why there is no downgrade; null where nothing was said. */
  readonly irreversible: string | null;
  /** Documentation revision: verifies that its objects exist, changes nothing. Default false. */
  readonly adopt: boolean;
  /** What is lost for good by the upgrade, as a sentence; null where nothing was said. */
  readonly loses: string | null;
  /** Runs out of the deploy: an upgrade queues it and goes on. Default false. */
  readonly background: boolean;
  /** Ids that it had before; undefined where nothing was said. */
  readonly formerly?: readonly string[] | undefined;
  /** The first version of the product that runs on the schema behind it; undefined where older code does as well. */
  readonly breaksBefore?: string | undefined;
  /** Revisions whose place it took (a squash), in the order in which they ran. */
  readonly replaces?: readonly string[] | undefined;
  /** Why the catalogue does without it: it is not replayed, and what it did is taken on trust. Undefined where it is replayed. */
  readonly skipsCatalogue?: string | undefined;
  readonly kind: 'sql' | 'code' | 'object';
}
