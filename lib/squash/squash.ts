import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { dropAfter, openThrowAways } from '../database/throwaway/throwaway.js';
import { RevgraphError } from '../errors/error.js';
import { counted } from '../errors/words.js';
import { replayGraph } from '../evidence/building/build.js';
import type { SQUASH } from '../options/files.js';
import type { OptionsOf } from '../options/option.js';
import { catalogueFile } from '../project/catalogue-place.js';
import { loadProject, type Project } from '../project/project.js';
import type { Releases } from '../project/releases.js';
import { namingOf } from '../project/targets.js';
import type { Revision } from '../revision/revision.js';
import { readingReason } from '../revision/text.js';
import { lookAt, writeWhole } from '../revision/whole-file.js';
import { fileName, oneLine, readBack } from '../revision/write.js';
import { type Review, squashText } from './assemble.js';
import { prove, type SquashProof } from './proof.js';
import { type SquashRange, squashRange } from './range.js';

export interface SquashOptions extends OptionsOf<typeof SQUASH> {
  /** The folder of the revisions. */
  readonly revisions: string;
  readonly releases?: Releases | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface SquashResult {
  readonly revision: string;
  readonly revises: readonly string[];
  readonly dependsOn: readonly string[];
  /** In the order in which they ran. */
  readonly replaces: readonly string[];
  readonly file: string;
  /** Files of the revisions whose place it takes: deleted, unless it is a dry run. */
  readonly deleted: readonly string[];
  /** What to look at before the squash is committed. */
  readonly review: readonly (Review & { readonly file: string | null })[];
  readonly proof: SquashProof;
  /** The catalogue, made anew where there was one; else null. */
  readonly catalogue: string | null;
  /** The text of the file. */
  readonly text: string;
  readonly dryRun: boolean;
}

/** See `squash`. */
export async function squashRevisions(options: SquashOptions): Promise<SquashResult> {
  const project = await loadProject(options.revisions);
  const typed = await rangeOf(project, options);
  const range = squashRange(project.graph, typed);
  const members = range.replaces.map((id) => project.revisions.get(id) as Revision);
  assertNames(typed, members, options.id);
  const made = await assembled(project, options, members, range);
  const deleted = members.flatMap(({ file }) => file ?? []);
  const dryRun = options.dryRun === true;
  if (!dryRun && options.confirmed !== true)
    throw new RevgraphError('confirmation_needed', {
      what: `The squash takes the place of ${counted(members.length, 'revision')}`,
      consequence: `it deletes their files (${deleted.join(', ')}); your version control keeps them.`,
    });
  const proof = await proven(project, made.project, options);
  const file = join(options.revisions, made.name);
  const { revises, dependsOn, replaces } = range;
  const told = { revision: made.revision, revises, dependsOn, replaces, file, deleted, proof };
  const result = { ...told, review: made.review, text: made.text, dryRun };
  if (dryRun) return { ...result, catalogue: null };
  writeWhole(file, made.text, { fresh: true });
  for (const old of deleted) remove(old);
  return { ...result, catalogue: await catalogueAnew(options) };
}

/**
 * A squash that has the id of one of them that is not the last would be taken for it; a name of the past would be taken for all.
 * @throws `squash_refused`
 */
function assertNames(range: string, members: readonly Revision[], id: string | undefined): void {
  const refuse = (reason: string): RevgraphError => new RevgraphError('squash_refused', { range, reason });
  const taken = members.slice(0, -1).find(({ revision }) => revision === id);
  if (taken !== undefined)
    throw refuse(
      `the squash can't have the id ${id}, which databases know as one of its parts; only the last id may be kept`,
    );
  const renamed = members.find(({ header }) => header.formerly !== undefined);
  if (renamed !== undefined)
    throw refuse(
      `${renamed.revision} was renamed (@formerly), and databases may still know it by its old name; once there are none, delete that line of its header`,
    );
}

function remove(file: string): void {
  try {
    rmSync(file);
  } catch (error) {
    throw new RevgraphError('file_unwritable', { file, reason: readingReason(error) }, { cause: error });
  }
}

/** With ids of the graph. */
async function rangeOf({ graph }: Project, { range, releases, minimum }: SquashOptions): Promise<string> {
  const typed = range ?? minimum;
  if (typed === undefined)
    throw new RevgraphError('squash_refused', {
      range: '',
      reason: 'no range was given, and the configuration has no `minimum`',
    });
  const naming = await namingOf(releases);
  return typed
    .split(':')
    .map((end) => (end.trim() === '' ? end : naming.one(graph, end.trim())))
    .join(':');
}

interface Made {
  readonly revision: string;
  readonly name: string;
  readonly text: string;
  readonly review: readonly Review[];
  /** The revisions as they will be. */
  readonly project: Project;
}

/** The file, and the graph with it; what is written is read back before it is. */
async function assembled(
  { revisions }: Project,
  options: SquashOptions,
  members: readonly Revision[],
  range: SquashRange,
): Promise<Made> {
  const revision = options.id ?? randomBytes(6).toString('hex');
  const message = oneLine(options.message ?? `squash of ${range.replaces[0]} to ${range.replaces.at(-1)}`);
  const typed = options.range ?? options.minimum ?? '';
  const { text, review } = await squashText(revision, message, members, range, typed);
  const name = fileName(revision, message, 'sql');
  const squash = await readBack(name, text);
  const rest = [...revisions.values()].filter((one) => !members.includes(one));
  const project = await loadProject([...rest, squash]);
  const apart = range.standOnPart.map((id): Review => {
    return {
      revision: id,
      file: revisions.get(id)?.file ?? null,
      why: 'it stood on a part of the range, and now stands on the whole squash',
    };
  });
  return { revision, name, text, review: [...review, ...apart], project };
}

async function proven(before: Project, after: Project, options: SquashOptions): Promise<SquashProof> {
  const { on, signal } = options;
  const extensions = [...before.revisions.values()].flatMap(({ header }) =>
    header.requires.flatMap((one) => (one.kind === 'extension' ? [one.name] : [])),
  );
  const place = await openThrowAways({ on, extensions: [...new Set(extensions)] });
  return dropAfter(place, () =>
    prove(place, before, after, { range: options.range ?? options.minimum ?? '', signal }),
  );
}

/** Where there was one. */
async function catalogueAnew({ revisions, signal }: SquashOptions): Promise<string | null> {
  const file = catalogueFile(revisions);
  if (lookAt(file) === null) return null;
  await replayGraph({ revisions, signal });
  return file;
}
