import type { Project } from '../project/project.js';
import type { Revision } from '../revision/revision.js';
import { effectsOfSql } from '../sql/effects/statement.js';
import { effectsOfText } from '../sql/effects/text.js';
import { type Passage, passagesOf } from '../sql/effects/through.js';
import { ANY, clash, type Effects, isSame, joined, MADE, type UnseenEffect } from '../sql/effects/unseen.js';
import { type MadeObject, madeBySql, madeByText } from '../sql/made.js';
import type { RelationName } from '../sql/touch.js';

/** A revision that is to be run late, and what a later one did that this would undo or would have been done otherwise. */
export interface Rewrite {
  readonly revision: string;
  /** The later revision, which ran. */
  readonly by: string;
  readonly effect: UnseenEffect;
}

/** What the upgrade of a revision reads and writes, beside the shape of the schema. */
export async function effectsOfRevision(revision: Revision): Promise<Effects> {
  const { sql, code } = await textsOf(revision);
  return joined([...(await Promise.all(sql.map(effectsOfSql))), ...code.map(effectsOfText)]);
}

/** What its views, functions and triggers do when they are used. */
async function passagesOfRevision(revision: Revision): Promise<readonly Passage[]> {
  const { sql } = await textsOf(revision);
  return (await Promise.all(sql.map(passagesOf))).flat();
}

/** The effects with all that they lead to: a view that is read reads tables, a function that is called writes rows. */
function followed(effects: Effects, passages: readonly Passage[]): Effects {
  const writes = [...effects.writes];
  const reads = [...effects.reads];
  const taken = new Set<string>();
  for (let size = -1; size !== taken.size; ) {
    size = taken.size;
    for (const [i, passage] of passages.entries()) {
      const { from } = passage;
      // A body or query that is written is not used by that.
      const used =
        from.on === 'rows'
          ? writes.filter(({ on, adds = false }) => on === 'rows' && adds === (from.adds ?? adds))
          : reads;
      const alike = used.filter((effect) => isSame(effect, from));
      // How rows come to be is about the same statements there.
      const verbs: (string | null)[] =
        from.on === 'form' ? alike.flatMap(({ verbs: some }) => (some == null ? [null] : [...some])) : [null];
      for (const verb of alike.length === 0 ? [] : verbs) {
        const way = `${i} ${verb}`;
        if (taken.has(way)) continue;
        taken.add(way);
        writes.push(...passage.to.writes);
        reads.push(...passage.to.reads.map((one) => (verb === null ? one : { ...one, verbs: [verb] })));
      }
    }
  }
  return { writes, reads };
}

/** What the upgrade of a revision makes, whether or not it is there. */
export async function madeByRevision(revision: Revision): Promise<readonly MadeObject[]> {
  const { sql, code } = await textsOf(revision);
  return [...(await Promise.all(sql.map(madeBySql))), ...code.map(madeByText)].flat();
}

/** What an upgrade is made of. Of code, all of its file counts: what it does need not stand in the function itself. */
export async function textsOf(
  revision: Revision,
): Promise<{ sql: readonly string[]; code: readonly string[] }> {
  const body = await revision.body();
  if (body.upgrade === null) return { sql: [], code: [] };
  if (body.kind === 'code')
    return { sql: [], code: [revision.body.text?.() ?? revision.body.code ?? String(body.upgrade)] };
  const sections = body.batches.length === 0 ? [body.upgrade] : body.batches;
  return { sql: sections.map(({ sql }) => sql), code: [] };
}

/**
 * What ran on a database, seen from revisions that are to be run late. What a late one writes and a later one wrote or read, or
 * the other way round, would not end as in a fresh install: an older body would come back, rows would be overwritten, or were
 * made of others.
 *
 * Cost: every revision is parsed, once.
 */
export class LaterWork {
  readonly #project: Project;
  readonly #ran: Uint8Array;
  readonly #numbered: ReadonlySet<string>;
  readonly #hasFacts: boolean;
  readonly #known = new Map<string, Effects>();
  readonly #whole = new Map<string, Effects>();
  #passages: Promise<readonly Passage[]> | null = null;

  /**
   * @param ran marks of the revisions that have run, and will not run again
   * @param numbered tables that number their rows, as `schema.table`
   * @param hasFacts whether the end is compared with the facts of a catalogue, which show definitions
   */
  constructor(project: Project, ran: Uint8Array, numbered: ReadonlySet<string>, hasFacts: boolean) {
    this.#project = project;
    this.#ran = ran;
    this.#numbered = numbered;
    this.#hasFacts = hasFacts;
  }

  async effectsOf(id: string): Promise<Effects> {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const { writes, reads } = await effectsOfRevision(this.#project.revisions.get(id) as Revision);
    const counts = ({ on }: UnseenEffect): boolean => !(this.#hasFacts && BY_FACTS.has(on));
    const found = { writes: writes.filter(counts), reads: reads.filter(counts) };
    this.#known.set(id, found);
    return found;
  }

  async #wholeOf(id: string): Promise<Effects> {
    const whole = this.#whole.get(id) ?? (await this.#followed(await this.effectsOf(id)));
    this.#whole.set(id, whole);
    return whole;
  }

  /** With what they lead to, by the views, functions and triggers of all revisions. */
  async #followed(effects: Effects): Promise<Effects> {
    this.#passages ??= Promise.all([...this.#project.revisions.values()].map(passagesOfRevision)).then(
      (all) => all.flat(),
    );
    return followed(effects, await this.#passages);
  }

  /** A table without a schema may be that of any. */
  #numbers({ schema, name }: RelationName): boolean {
    if (schema !== null) return this.#numbered.has(`${schema}.${name}`);
    return [...this.#numbered].some((table) => table.endsWith(`.${name}`));
  }

  /** @param mine what the late revision does; default: what its text says */
  async rewrites(revision: string, mine?: Effects): Promise<Rewrite[]> {
    const { graph } = this.#project;
    const direct = mine ?? (await this.effectsOf(revision));
    if (direct.writes.length + direct.reads.length === 0) return [];
    const effects = await this.#followed(direct);
    const found: Rewrite[] = [];
    for (let n = (graph.numberOf(revision) as number) + 1; n < graph.size; n++) {
      if (this.#ran[n] !== 1) continue;
      const by = graph.idOf(n);
      const effect = clash(effects, await this.#wholeOf(by), (table) => this.#numbers(table));
      if (effect !== null) found.push({ revision, by, effect });
      const order = await this.#miscounted(revision, effects, await this.#wholeOf(by));
      if (order !== null) found.push({ revision, by, effect: order });
    }
    return found;
  }

  /** A table to which both add columns, late in another order, and into which a revision that is still to run writes by that order. */
  async #miscounted(revision: string, mine: Effects, other: Effects): Promise<UnseenEffect | null> {
    const added = ({ writes }: Effects): UnseenEffect[] => writes.filter(({ on }) => on === 'order');
    const both = added(mine).filter((one) => added(other).some((another) => isSame(one, another)));
    if (both.length === 0) return null;
    const { graph } = this.#project;
    for (const [n, id] of graph.ids.entries()) {
      if (this.#ran[n] === 1 || id === revision) continue;
      const { reads } = await this.#wholeOf(id);
      const counted = both.find((one) => reads.some((read) => isSame(one, read)));
      if (counted !== undefined) return counted;
    }
    return null;
  }
}

/** What facts show wholly: the end of a repair is compared with those. */
const BY_FACTS: ReadonlySet<UnseenEffect['on']> = new Set(['definition', 'comment', 'values']);

/** Tables whose rows a revision writes, as it names them, each once. */
export function tablesOf({ writes }: Effects): string[] {
  const names = writes.flatMap(({ on, schema, name }) =>
    on === 'rows' ? [schema === null ? name : `${schema}.${name}`] : [],
  );
  return [...new Set(names)].sort();
}

const NOUNS: { readonly [O in UnseenEffect['on']]: (name: string) => string } = {
  rows: (name) => `the rows of ${name}`,
  form: (name) => `how the rows of ${name} come to be`,
  order: (name) => `the order of the columns of ${name}, which a revision that is still to run counts`,
  view: (name) => `the query of view ${name}`,
  sequence: (name) => `sequence ${name}`,
  function: (name) => `function ${name}`,
  rule: (name) => `rule ${name}`,
  policy: (name) => `policy ${name}`,
  rights: (name) => `the rights on ${name.startsWith(MADE) ? 'what is made later' : name}`,
  properties: (name) => `the properties of ${name}`,
  publication: (name) => `publication ${name}`,
  events: () => 'what event triggers do',
  catalog: (name) => `whether ${name} is there`,
  definition: (name) => `the definition of ${name}`,
  comment: (name) => `the comment on ${name}`,
  values: (name) => `the order of the values of ${name}`,
};

const nounOf = ({ on, schema, name }: UnseenEffect): string =>
  NOUNS[on](schema !== null ? `${schema}.${name}` : name === ANY ? 'any table' : name);

/** What facts show, but not when it came. */
const SHOWN: ReadonlySet<UnseenEffect['on']> = new Set([
  'function',
  'policy',
  'form',
  'order',
  'events',
  'catalog',
  'definition',
  'comment',
  'values',
]);

/** What of these effects no fact shows, in words, each once. */
export function unseenOf({ writes, reads }: Effects): string[] {
  const granted = reads.filter(({ on, name }) => on === 'rights' && !name.startsWith(MADE));
  const words = [...writes, ...granted].flatMap((effect) =>
    SHOWN.has(effect.on) || (effect.adds === true && effect.on === 'rights') ? [] : [nounOf(effect)],
  );
  return [...new Set(words)].sort();
}

/** Whether the upgrade of a revision may write rows, or run code that does. */
export async function writesRows(revision: Revision): Promise<boolean> {
  if ((await revision.body()).kind === 'code') return true;
  const { writes, reads } = await effectsOfRevision(revision);
  return writes.some(({ on }) => on === 'rows') || reads.some(({ on }) => on === 'function');
}

/** Whether a revision leaves anything that no fact shows. */
export async function leavesMore(revision: Revision): Promise<boolean> {
  if (await writesRows(revision)) return true;
  return unseenOf(await effectsOfRevision(revision)).length > 0;
}

/** `b and the later c, which has run, both concern the rows of item: …`. */
export function rewriteText({ revision, by, effect }: Rewrite): string {
  return `${revision} and the later ${by}, which has run, both concern ${nounOf(effect)}: run now, ${revision} would undo that or find something else there`;
}
