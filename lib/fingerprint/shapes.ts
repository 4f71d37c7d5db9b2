import type { Known } from './catalogue.js';
import { type Fact, isComment, type Snapshot, subjectOf, withoutName } from './fact.js';

/**
 * Objects that revisions know, and that are there in a shape that no revision gives them: with another default, type or
 * nullability, or, for constraints, indexes, triggers, policies and views, under another name. Somebody changed them, or made them
 * by hand. Which of the two can't be told, so such an object speaks neither for nor against a revision.
 *
 * Example: known `constraint public.t.t_k: UNIQUE (a)`, observed `constraint public.t.my_k: UNIQUE (a)`:
 * `constraint public.t.t_k` → the latter.
 *
 * Cost: linear in the facts.
 */
export function otherShapes(known: Known, observed: Snapshot): Map<string, Fact> {
  const shapes = new Map<string, Fact>();
  const renamed = new Map<string, Fact[]>();
  const there = new Set<string>();
  for (const fact of observed) {
    const subject = subjectOf(fact);
    there.add(subject);
    if (known.facts.has(fact)) continue;
    if (known.subjects.has(subject)) shapes.set(subject, fact);
    else
      for (const nameless of namelessForm(fact))
        renamed.set(nameless, [...(renamed.get(nameless) ?? []), fact]);
  }
  for (const fact of renamed.size === 0 ? [] : known.facts) {
    const subject = subjectOf(fact);
    // Each of them is one object, and stands for one.
    const found =
      there.has(subject) || shapes.has(subject)
        ? undefined
        : namelessForm(fact).map((form) => renamed.get(form)?.shift())[0];
    if (found !== undefined) shapes.set(subject, found);
  }
  return shapes;
}

const INDEX_NAME = /^(CREATE (?:UNIQUE )?INDEX )(?:"(?:[^"]|"")*"|\S+) ON /;
const TRIGGER_NAME = /^(CREATE (?:CONSTRAINT )?TRIGGER )(?:"(?:[^"]|"")*"|\S+) /;

/**
 * A constraint, index, trigger, policy or view by its table and definition, without its name; none for what is nothing without its
 * name.
 */
function namelessForm(fact: Fact): string[] {
  if (isComment(fact)) return [];
  const subject = subjectOf(fact);
  const definition = fact.slice(subject.length + 2);
  if (/^(constraint|policy|view|materialized view) /.test(subject))
    return [`${withoutName(subject)}: ${definition}`];
  if (subject.startsWith('index ') && INDEX_NAME.test(definition))
    return [`${withoutName(subject)}: ${definition.replace(INDEX_NAME, '$1ON ')}`];
  if (subject.startsWith('trigger ') && TRIGGER_NAME.test(definition))
    return [`${withoutName(subject)}: ${definition.replace(TRIGGER_NAME, '$1')}`];
  return [];
}
