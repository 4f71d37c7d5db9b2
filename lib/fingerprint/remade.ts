import type { Effect } from './contested.js';
import { type Fact, isComment, subjectOf } from './fact.js';

/** Kinds of facts by what a statement makes. */
const KINDS: Readonly<Record<string, RegExp>> = {
  relation: /^(table|view|materialized view|foreign table|partition key|parent|row security)$/,
  part: /^(column|constraint|trigger|policy|rule)$/,
  function: /^(function|procedure|aggregate|body of \w+)$/,
  index: /^index$/,
  sequence: /^sequence$/,
  type: /^(enum|domain|range|type|column|constraint)$/,
  schema: /^schema$/,
  extension: /^extension$/,
};
/** Parts that come with a relation. */
const WITH_RELATION = /^(column|constraint)$/;

/** What a statement makes, and what of it: null = all. */
interface Made {
  readonly of: string;
  readonly schema: string | null;
  readonly name: string;
  readonly parts: readonly string[] | null;
}

/** The facts of a database while a graph is replayed, by the name of the object. */
export class FactsByName {
  readonly #facts = new Map<string, Set<Fact>>();

  apply({ adds, removes }: Effect): void {
    for (const fact of removes) for (const name of keyOf(fact)) this.#facts.get(name)?.delete(fact);
    for (const fact of adds)
      for (const name of keyOf(fact)) {
        const known = this.#facts.get(name) ?? new Set();
        this.#facts.set(name, known.add(fact));
      }
  }

  /**
   * Facts of objects that a revision makes and that were there before it: with OR REPLACE, IF NOT EXISTS, or behind a DROP. It
   * would have made them all the same if nobody had before.
   *
   * @param made what its statements make
   * @param effect what it did; already applied
   */
  madeAgain(made: readonly Made[], effect: Effect): Fact[] {
    const added = new Set(effect.adds);
    const replaced = new Set(effect.removes.map(subjectOf));
    const found = new Set<Fact>();
    for (const one of made)
      for (const fact of this.#facts.get(one.name) ?? [])
        if ((!added.has(fact) || replaced.has(subjectOf(fact))) && comesWith(fact, one)) found.add(fact);
    return [...found].sort();
  }
}

/** Whether a fact is about an object that a statement makes, or about what comes with it. */
export function isMadeBy(fact: Fact, made: Made): boolean {
  const { names } = partsOf(fact);
  return (names[1] ?? names[0]) === made.name && comesWith(fact, made);
}

function comesWith(fact: Fact, { of, schema, name, parts }: Made): boolean {
  const { kind, names } = partsOf(fact);
  if (schema !== null && names.length > 1 && names[0] !== schema) return false;
  if (KINDS[of]?.test(kind) === true && of !== 'part') return true;
  const part = names[2];
  if (part === undefined || !KINDS.part?.test(kind)) return false;
  if (of !== 'part' && !(of === 'relation' && WITH_RELATION.test(kind))) return false;
  return (
    parts === null ||
    parts.includes(part) ||
    (kind === 'constraint' && parts.includes(`${name}_*`) && part.startsWith(`${name}_`))
  );
}

/** `column public.users.email: …` → `column` and the three names, without their quotes. */
export function partsOf(fact: Fact): { kind: string; names: readonly string[] } {
  const subject = subjectOf(fact);
  const [, kind = ''] = /^((?:[a-z]+ )+)/.exec(subject) ?? [];
  const names: string[] = [];
  for (const [whole, quoted, plain] of subject.slice(kind.length).matchAll(NAME)) {
    if (whole === '(') break;
    names.push(quoted?.replaceAll('""', '"') ?? (plain as string));
  }
  return { kind: kind.trim(), names };
}

const NAME = /"((?:[^"]|"")*)"|([^."(]+)|\(/g;

function keyOf(fact: Fact): string[] {
  if (isComment(fact)) return [];
  const { names } = partsOf(fact);
  const name = names[1] ?? names[0];
  return name === undefined ? [] : [name];
}
