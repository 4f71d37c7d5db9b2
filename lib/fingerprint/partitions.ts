import type { Catalogue, CatalogueEntry } from './catalogue.js';
import { type Fact, type Snapshot, subjectOf } from './fact.js';

/*
 * How many partitions a table has, and what they are called, depends on the day and on whoever makes them: a job, an extension, a
 * DBA. Facts about them are read and recorded, and are no evidence.
 */

/** The catalogue without what is about partitions. */
export function withoutPartitions(catalogue: Catalogue): Catalogue {
  const partitions = new Set<string>();
  for (const { adds } of catalogue.values())
    for (const fact of adds) for (const { child } of partitionOf(fact)) partitions.add(child);
  if (partitions.size === 0) return catalogue;
  const rest = (facts: readonly Fact[]): Fact[] => facts.filter((fact) => !isAbout(partitions, fact));
  const kept = (entry: CatalogueEntry): CatalogueEntry => ({
    ...entry,
    adds: rest(entry.adds),
    removes: rest(entry.removes),
    ...(entry.remakes === undefined ? {} : { remakes: rest(entry.remakes) }),
  });
  return new Map([...catalogue].map(([id, entry]) => [id, kept(entry)]));
}

/** Facts without what is about partitions of a table that revisions know. */
export function withoutKnownPartitions(known: Snapshot, observed: Snapshot): Snapshot {
  const found = [...observed].flatMap(partitionOf);
  const partitions = new Set<string>();
  for (let size = -1; size !== partitions.size; ) {
    size = partitions.size;
    for (const { child, parent } of found)
      if (known.has(`table ${parent}`) || partitions.has(parent)) partitions.add(child);
  }
  if (partitions.size === 0) return observed;
  return new Set([...observed].filter((fact) => !isAbout(partitions, fact)));
}

const PARTITION = /^parent (.*): (.*) (?:FOR VALUES .*|DEFAULT)$/;

function partitionOf(fact: Fact): { child: string; parent: string }[] {
  const [, child, parent] = (fact.startsWith('parent ') && PARTITION.exec(fact)) || [];
  return child === undefined || parent === undefined ? [] : [{ child, parent }];
}

const WHOLE = /^(?:comment on )?(?:table|foreign table|parent|partition key|row security) (.*)$/;
const PART = /^(?:comment on )?(?:column|constraint|trigger|policy|rule) (.*)\.(?:"(?:[^"]|"")*"|[^."]+)$/;
const INDEX = /^index .*?: CREATE (?:UNIQUE )?INDEX (?:"(?:[^"]|"")*"|\S+) ON (?:ONLY )?(.*?) USING /;

/** The table that a fact is about, or about a part of: `public.item`. */
export function tableOf(fact: Fact): string | undefined {
  const subject = subjectOf(fact);
  return (WHOLE.exec(subject) ?? PART.exec(subject) ?? INDEX.exec(fact))?.[1];
}

function isAbout(tables: ReadonlySet<string>, fact: Fact): boolean {
  const table = tableOf(fact);
  return table !== undefined && tables.has(table);
}
