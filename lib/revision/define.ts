import { type Problem, RevgraphError } from '../errors/error.js';
import { idProblem } from '../graph/name.js';
import { readCheck, shape } from './check.js';
import type { Header } from './header/assemble.js';
import { ruleProblems } from './header/rules.js';
import type { Requirement } from './header/tag-value.js';
import {
  type Reading,
  readDependencies,
  readIds,
  readLabels,
  readParents,
  readRequirement,
  readVersion,
} from './header/tag-value.js';
import type { RevisionDefinition } from './object-body.js';
import type { Revision, RevisionBody } from './revision.js';

/**
 * Makes a revision of an object. Its `file` is null.
 *
 * @throws RevgraphError `graph_invalid` for an illegal or reserved id; `usage` that names all else that is wrong
 */
export function defineRevision(definition: RevisionDefinition): Revision {
  const { revision, message = '' } = definition;
  const id = typeof revision === 'string' ? idProblem(revision) : 'illegal_revision_id';
  if (id !== null) {
    const problem: Problem = { code: id, revision: String(revision) };
    throw new RevgraphError('graph_invalid', { problems: [problem] });
  }
  const wrong: string[] = [];
  if (typeof message !== 'string') wrong.push(`message is ${shape(message)}, not a string`);
  const list = (name: ListName, reader: (list: readonly string[]) => Reading<readonly string[]>) =>
    take(reader(asList(definition[name], name, wrong)), [], wrong);
  const revises = list('revises', readParents);
  const dependsOn = list('dependsOn', readDependencies);
  const labels = list('labels', readLabels);
  const former = (name: 'formerly' | 'replaces') => ({
    ...(definition[name] === undefined ? {} : { [name]: list(name, (ids) => readIds(name, ids)) }),
  });
  const { breaksBefore } = definition;
  const header = {
    ...headerOf(definition, wrong),
    ...former('formerly'),
    ...former('replaces'),
    ...(breaksBefore === undefined ? {} : { breaksBefore: take(readVersion(breaksBefore), '', wrong) }),
  };
  checkParts(definition, { revises, header }, wrong);
  if (wrong.length > 0) throw invalid(revision, wrong);
  let body: Promise<RevisionBody> | null = null;
  const { upgrade } = definition;
  return Object.freeze({
    revision,
    revises,
    dependsOn,
    labels,
    message: String(message).replace(/\s+/g, ' ').trim(),
    file: null,
    header,
    body: Object.assign(
      () => {
        body ??= import('./object-body.js').then(({ readObjectBody }) => readObjectBody(definition, header));
        return body;
      },
      {
        text: () => JSON.stringify(definition, withCode),
        code: typeof upgrade === 'function' ? String(upgrade) : undefined,
      },
    ),
  });
}

/** Functions by their source: of a definition they are the larger part. */
const withCode = (_: string, value: unknown): unknown =>
  typeof value === 'function' ? String(value) : value;

type ListName = 'revises' | 'dependsOn' | 'labels' | 'requires' | 'formerly' | 'replaces';

function asList(value: unknown, name: string, wrong: string[]): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : value === undefined ? [] : [value];
  const texts = list.filter((one) => typeof one === 'string');
  if (texts.length < list.length) wrong.push(`${name} must be a string or a list of strings`);
  return texts;
}

function take<T>(reading: Reading<T>, otherwise: T, wrong: string[]): T {
  if (reading.ok) return reading.value;
  wrong.push(reading.hint === undefined ? reading.message : `${reading.message} (${reading.hint})`);
  return otherwise;
}

function headerOf(definition: RevisionDefinition, wrong: string[]): Header {
  const {
    transaction,
    irreversible,
    loses,
    idempotent = false,
    adopt = false,
    background = false,
  } = definition;
  if (transaction !== undefined && transaction !== 'none')
    wrong.push("transaction must be 'none' or omitted");
  if (irreversible?.trim() === '') wrong.push('irreversible needs a reason');
  return {
    transaction: transaction ?? 'auto',
    requires: asList(definition.requires, 'requires', wrong).flatMap((one) =>
      take<Requirement[]>(inList(readRequirement(one.trim(), 0)), [], wrong),
    ),
    idempotent,
    irreversible: irreversible ?? null,
    adopt,
    loses: loses ?? null,
    background,
    kind: 'object',
  };
}

function inList(reading: Reading<Requirement>): Reading<Requirement[]> {
  return reading.ok ? { ok: true, value: [reading.value] } : reading;
}

function checkParts(
  definition: RevisionDefinition,
  found: { revises: readonly string[]; header: Header },
  wrong: string[],
): void {
  for (const name of ['upgrade', 'downgrade'] as const) {
    const value: unknown = definition[name];
    const fine = typeof value === 'function' || (typeof value === 'string' && value.trim() !== '');
    if (value !== undefined && !fine) wrong.push(`${name} is ${shape(value)}, not SQL or a function`);
  }
  const probe: unknown = definition.probe;
  if (probe !== undefined && typeof probe !== 'string') wrong.push(`probe is ${shape(probe)}, not SQL`);
  for (const name of ['precheck', 'verify'] as const) {
    for (const check of [definition[name] ?? []].flat()) {
      const reading = readCheck(check, name);
      if (typeof reading === 'string') wrong.push(`${name} ${reading}`);
    }
  }
  const parts = {
    upgrade: definition.upgrade !== undefined,
    downgrade: definition.downgrade !== undefined,
    verify: [definition.verify ?? []].flat().length > 0,
  };
  for (const rule of ruleProblems(parts, found, (part) => part)) wrong.push(`${rule.message} (${rule.hint})`);
}

function invalid(revision: string, wrong: readonly string[]): RevgraphError {
  return new RevgraphError('usage', {
    message: `defineRevision(${JSON.stringify(revision)}): ${wrong.join('; ')}.`,
    hint: 'The keys correspond to the tags of a revision file. See docs/revisions.md.',
  });
}
