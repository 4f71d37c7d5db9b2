import type { RelationName } from '../../sql/touch.js';
import type { Question, QuestionPlace } from './questions.js';

/** An object that the plan has made (`live` null), taken away (null), or given another name. */
interface Known extends RelationName {
  readonly live: RelationName | null;
  readonly made: boolean;
}

/** Without a schema a name may mean any of that name: then it is held to be the same, and nothing wrong is said. */
const same = (a: RelationName, b: RelationName): boolean =>
  a.name === b.name && (a.schema === null || b.schema === null || a.schema === b.schema);

const keyOf = ({ schema, name }: RelationName): string => JSON.stringify([schema, name]);

/** Relations of which something is known; one is found among those of its name. */
class Relations {
  private readonly byName = new Map<string, RelationName[]>();

  add(relation: RelationName): void {
    const known = this.byName.get(relation.name) ?? [];
    known.push(relation);
    this.byName.set(relation.name, known);
  }

  has(relation: RelationName): boolean {
    return this.byName.get(relation.name)?.some((one) => same(one, relation)) === true;
  }
}

/** The relation that is there now by a name, with its schema; null if there is none. */
export type There = (name: RelationName) => RelationName | null;

/** What a plan has made of the schema so far, from one statement to the next. */
export class World {
  private readonly relations = new Map<string, Known[]>();
  private readonly columns = new Map<string, Map<string, string | null>>();
  private readonly goneColumns = new Set<string>();
  private readonly goneSchemas = new Set<string>();
  readonly madeSchemas = new Set<string>();
  readonly goneIndexes: string[] = [];
  /** Tables by the names that they have now, whose rows the plan has changed; and those that it has emptied. */
  private readonly dirty = new Relations();
  private readonly emptied = new Relations();
  private readonly checked = new Relations();
  private readonly filled = new Relations();
  readonly extensions: string[] = [];
  private readonly plainViews = new Relations();
  /** Columns whose default, or type, is not the one of now, by table. */
  private readonly changed = new Map<string, Set<string>>();
  private readonly materializedViews: (RelationName & {
    made: boolean;
    indexed: boolean;
    populated: boolean | null;
  })[] = [];
  /** Unqualified names can't be resolved until the end of the step. */
  pathUnknown = false;
  /** A type was dropped, maybe with the columns that have it. */
  anyColumnGone = false;
  rightsUnknown = false;
  opaque = false;

  constructor(private readonly there: There) {}

  /** The object that is there now and that this name means; null if the plan made it, or took it away. */
  live(name: RelationName): RelationName | null {
    if (name.schema === null && this.pathUnknown) return null;
    const known = this.relations.get(name.name)?.findLast((one) => same(one, name));
    if (known !== undefined) return known.live;
    return name.schema !== null && this.goneSchemas.has(name.schema) ? null : this.there(name);
  }

  make(name: RelationName): void {
    this.know(name, null, true);
  }

  drop(name: RelationName): void {
    this.know(name, null);
    this.goneIndexes.push(name.name);
    const at = this.materializedViews.findLastIndex((view) => same(view, name));
    if (at !== -1) this.materializedViews.splice(at, 1);
  }

  rename(from: RelationName, to: RelationName): void {
    const live = this.live(from);
    this.know(from, null);
    this.know(to, live);
    const view = this.materializedViews.findLast((one) => same(one, from));
    if (view !== undefined) Object.assign(view, to);
  }

  dropSchema(schema: string): void {
    this.goneSchemas.add(schema);
    for (const known of this.relations.values())
      for (const one of [...known]) if (one.schema === schema) known.push({ ...one, live: null });
  }

  private know(name: RelationName, live: RelationName | null, made = false): void {
    const { schema, name: bare } = name;
    const known = this.relations.get(bare) ?? [];
    known.push({ schema, name: bare, live, made });
    this.relations.set(bare, known);
  }

  /** The column that is there now and that this name means; null if the plan made it, or took it away. */
  column(table: RelationName, column: string): string | null {
    const known = this.columns.get(keyOf(table))?.get(column);
    return known === undefined ? column : known;
  }

  setColumn(table: RelationName, column: string, live: string | null): void {
    const key = keyOf(table);
    const known = this.columns.get(key) ?? new Map<string, string | null>();
    known.set(column, live);
    this.columns.set(key, known);
  }

  /** A column of this name is taken away from a table. */
  loseColumn(column: string): void {
    this.goneColumns.add(column);
  }

  /** Whether a column of this name may have been taken away, also with that of a parent. */
  mayBeGone(column: string): boolean {
    return this.anyColumnGone || this.goneColumns.has(column);
  }

  change(table: RelationName, column: string, what: 'type' | 'default'): void {
    const key = keyOf(table);
    this.changed.set(key, (this.changed.get(key) ?? new Set()).add(`${what} ${column}`));
  }

  isChanged(table: RelationName, column: string, what: 'type' | 'default'): boolean {
    return this.changed.get(keyOf(table))?.has(`${what} ${column}`) === true;
  }

  write(table: RelationName): void {
    this.dirty.add(table);
  }

  isDirty(table: RelationName): boolean {
    return this.dirty.has(table);
  }

  empty(table: RelationName): void {
    this.emptied.add(table);
  }

  isEmptied(table: RelationName): boolean {
    return this.emptied.has(table);
  }

  /** Rows come into a table, by the name that it has in the plan: one that is empty is so no more. */
  fill(name: RelationName): void {
    this.filled.add(name);
  }

  isFilled(name: RelationName): boolean {
    return this.filled.has(name);
  }

  /** Made by the plan, and not by what was there. */
  isMade(name: RelationName): boolean {
    const known = this.relations.get(name.name) ?? [];
    return known.some((one) => one.made && same(one, name)) && this.live(name) === null;
  }

  /** Whether a name of a column, or its type, may not be the one of now. */
  isReshaped(table: RelationName): boolean {
    return this.columns.has(keyOf(table)) || this.changed.has(keyOf(table));
  }

  check(table: RelationName): void {
    this.checked.add(table);
  }

  isChecked(table: RelationName): boolean {
    return this.checked.has(table);
  }

  /** A view whose rows are those of other tables. */
  addPlainView(name: RelationName): void {
    this.plainViews.add(name);
  }

  isPlainView(name: RelationName): boolean {
    return this.plainViews.has(name);
  }

  addMaterializedView(name: RelationName, populated: boolean): void {
    this.materializedViews.push({ ...name, made: true, indexed: false, populated });
  }

  /** What is known of a materialised view. */
  materializedView(name: RelationName): { made: boolean; indexed: boolean; populated: boolean | null } {
    const known = this.materializedViews.findLast((one) => same(one, name));
    if (known !== undefined) return known;
    const view = { ...name, made: false, indexed: false, populated: null };
    this.materializedViews.push(view);
    return view;
  }
}

/** A question before it is known where it comes from. */
export type Open = Question extends infer Q
  ? Q extends Question
    ? Omit<Q, keyof QuestionPlace>
    : never
  : never;

/** How the parts of a walk ask. */
export interface Simulation {
  readonly world: World;
  ask(question: Open, sure?: boolean): void;
  lock(table: RelationName): void;
}
