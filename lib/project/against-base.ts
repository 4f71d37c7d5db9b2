import { RevgraphError } from '../errors/error.js';
import { readRevisionFolder } from '../revision/folder.js';
import type { Revision } from '../revision/revision.js';
import { revisionsAt } from './git-base.js';
import type { CheckProblem } from './head-problems.js';
import type { RevisionSource } from './project.js';

/** The revisions as they will be after a merge into `base`, and what this work did to those that `base` has. */
export async function atBase(
  source: RevisionSource,
  base: string,
): Promise<{ revisions: readonly Revision[]; problems: readonly CheckProblem[] }> {
  if (typeof source !== 'string')
    throw new RevgraphError('usage', { message: '--base requires a folder of revision files.' });
  const here = await readRevisionFolder(source);
  const there = await revisionsAt(source, base);
  const today = namesToday(here);
  const problems: CheckProblem[] = [];
  const added: Revision[] = [];
  for (const theirs of there.atBase) {
    const mine = today.get(theirs.revision);
    if (mine !== undefined) problems.push(...changed(theirs, mine, base, today));
    else if (there.atFork.has(theirs.revision)) problems.push(deleted(theirs, base));
    else added.push(theirs);
  }
  return { revisions: [...here, ...added], problems };
}

/** By id, and by what a revision was called before or took the place of. */
function namesToday(revisions: readonly Revision[]): ReadonlyMap<string, Revision> {
  const names = new Map<string, Revision>();
  for (const revision of revisions)
    for (const name of [...(revision.header.formerly ?? []), ...(revision.header.replaces ?? [])])
      names.set(name, revision);
  for (const revision of revisions) names.set(revision.revision, revision);
  return names;
}

/** What was done to a revision that `base` has, in the names of today. */
function changed(
  theirs: Revision,
  mine: Revision,
  base: string,
  today: ReadonlyMap<string, Revision>,
): CheckProblem[] {
  const files = [mine.file ?? theirs.file ?? theirs.revision];
  const replaces = mine.header.replaces ?? [];
  const isSquash = replaces.length > 0 && (theirs.header.replaces ?? []).length === 0;
  // A database at the last of the others would count as one that has this one too.
  if (isSquash && mine.revision === theirs.revision && !replaces.includes(mine.revision))
    return [
      {
        code: 'squash_without_itself',
        message: `${mine.revision} takes the place of ${replaces.join(', ')} here, and is a revision of its own on ${base}. Databases that never ran it would count as having it`,
        hint: `Name it as well: \`@replaces ${[...replaces, mine.revision].join(', ')}\`.`,
        files,
      },
    ];
  if (isSquash) return [];
  const parents = theirs.revises.map((id) => today.get(id)?.revision ?? id);
  const now = mine.revises.map((id) => today.get(id)?.revision ?? id);
  const needs = mine.dependsOn.filter(
    (name) => !theirs.dependsOn.some((id) => id === name || today.get(id)?.revision === name),
  );
  const isSame = [...new Set(parents)].sort().join() === [...new Set(now)].sort().join();
  if (isSame && needs.length > 0)
    return [
      {
        code: 'reparented',
        message: `${mine.revision} depends on ${needs.join(', ')} here, and does not on ${base}. Databases may have applied it without`,
        hint: 'Take the dependency away, and let a new revision have it.',
        files,
      },
    ];
  if (isSame) return [];
  return [
    {
      code: 'reparented',
      message: `${mine.revision} revises ${mine.revises.join(', ') || 'nothing'} here, ${theirs.revises.join(', ') || 'nothing'} on ${base}. Databases may have applied it with those parents`,
      hint: 'Restore its parents, and add a merge revision for the new ones.',
      files,
    },
  ];
}

function deleted(theirs: Revision, base: string): CheckProblem {
  return {
    code: 'deleted_revision',
    message: `${theirs.revision} (${theirs.file}) is deleted here, but ${base} has it. Databases may have applied it`,
    hint: `git checkout ${base} -- ${theirs.file}`,
    files: [theirs.file ?? theirs.revision],
  };
}
