import type { RelationName } from '../../sql/touch.js';
import type { Question, QuestionPlace } from './questions.js';

/** An object that the plan has made (`live` null), taken away (null), or given another name. */
interface Known extends RelationName {
  readonly live: RelationName | null;
}

/** Without a schema a name may mean any of that name: then it is held to be the same, and nothing wrong is said. */
const same = (a: RelationName, b: RelationName): boolean =>
  a.name === b.name && (a.schema === null || b.schema === null || a.schema === b.schema);

const keyOf = ({ schema, name }: RelationName): string => JSON.stringify([schema, name]);

/** The relation that is there now by a name, with its schema; null if there is none. */
export type There = (name: RelationName) => RelationName | null;

/** What a plan has made of the schema so far, from one statement to the next. */
export class World {
  private readonly relations = new Map<string, Known[]>();
  private readonly columns = new Map<string, Map<string, string | null>>();
  private readonly goneSchemas = new Set<string>();
  readonly madeSchemas = new Set<string>();
  readonly goneIndexes: string[] = [];
  /** Tables by the names that they have now, whose rows the plan has changed; and those that it has emptied. */
  private readonly dirty: RelationName[] = [];
  private readonly emptied: RelationName[] = [];
  private readonly checked: RelationName[] = [];
  private readonly filled: RelationName[] = [];
  private readonly made: RelationName[] = [];
  readonly extensions: string[] = [];
  private readonly plainViews: RelationName[] = [];
  /** Columns whose default, or type, is not the one of now. */
  private readonly changed = new Set<string>();
  private readonly materializedViews: (RelationName & {
    made: boolean;
    indexed: boolean;
    populated: boolean | null;
  })[] = [];
  /** Unqualified names can't be resolved until the end of the step. */
  pathUnknown = false;
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
    this.made.push(name);
    this.know(name, null);
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

  private know(name: RelationName, live: RelationName | null): void {
    const { schema, name: bare } = name;
    const known = this.relations.get(bare) ?? [];
    known.push({ schema, name: bare, live });
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

  change(table: RelationName, column: string, what: 'type' | 'default'): void {
    this.changed.add(`${what} ${column} ${keyOf(table)}`);
  }

  isChanged(table: RelationName, column: string, what: 'type' | 'default'): boolean {
    return this.changed.has(`${what} ${column} ${keyOf(table)}`);
  }

  write(table: RelationName): void {
    this.dirty.push(table);
  }

  isDirty(table: RelationName): boolean {
    return this.dirty.some((one) => same(one, table));
  }

  empty(table: RelationName): void {
    this.emptied.push(table);
  }

  isEmptied(table: RelationName): boolean {
    return this.emptied.some((one) => same(one, table));
  }

  /** Rows come into a table, by the name that it has in the plan: one that is empty is so no more. */
  fill(name: RelationName): void {
    this.filled.push(name);
  }

  isFilled(name: RelationName): boolean {
    return this.filled.some((one) => same(one, name));
  }

  /** Made by the plan, and not by what was there. */
  isMade(name: RelationName): boolean {
    return this.made.some((one) => same(one, name)) && this.live(name) === null;
  }

  /** Whether a name of a column, or its type, may not be the one of now. */
  isReshaped(table: RelationName): boolean {
    return this.columns.has(keyOf(table)) || [...this.changed].some((one) => one.endsWith(keyOf(table)));
  }

  check(table: RelationName): void {
    this.checked.push(table);
  }

  isChecked(table: RelationName): boolean {
    return this.checked.some((one) => same(one, table));
  }

  /** A view whose rows are those of other tables. */
  addPlainView(name: RelationName): void {
    this.plainViews.push(name);
  }

  isPlainView(name: RelationName): boolean {
    return this.plainViews.some((one) => same(one, name));
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
