/** A table, view or index as a statement names it; `schema` null = found by the search path. */
export interface RelationName {
  readonly schema: string | null;
  readonly name: string;
}

/** A type as written: `varchar(50)` is `{ name: 'varchar', schema: 'pg_catalog', modifiers: [50], … }`. */
export interface TypeName extends RelationName {
  readonly modifiers: readonly number[];
  readonly array: boolean;
}

export type Verb = 'select' | 'insert' | 'update' | 'delete';

/** A new foreign key; `targetColumns` null = the primary key. */
export interface ForeignKey {
  readonly columns: readonly string[];
  readonly target: RelationName;
  readonly targetColumns: readonly string[] | null;
  /** False: `NOT VALID`. */
  readonly valid: boolean;
  /** MATCH FULL: a key with some nulls is none. */
  readonly full: boolean;
  /** Of a column that is new: its default as a literal, null without one, undefined where it can't be told. */
  readonly filledWith?: string | null | undefined;
}

/** Expressions that must differ between the rows of a table. */
export interface Differs {
  readonly keys: readonly string[];
  /** Plain columns, where all keys are such; null where one is an expression. */
  readonly columns: readonly string[] | null;
  readonly where: string | null;
  readonly nullsNotDistinct: boolean;
}

/** One command of an ALTER TABLE. */
export type Alteration =
  | {
      readonly kind: 'add-column';
      readonly column: string;
      readonly ifNotExists: boolean;
      /** Why every row is rewritten, or null. */
      readonly rewrites: string | null;
      /** NOT NULL, and nothing gives rows that are there a value. */
      readonly required: boolean;
      /** UNIQUE, and every row that is there gets the same value. */
      readonly repeats: boolean;
      readonly foreignKey: ForeignKey | null;
    }
  | { readonly kind: 'drop-column'; readonly column: string }
  | { readonly kind: 'drop-default' | 'set-default' | 'set-not-null'; readonly column: string }
  /** `converts`: USING does more than to name the column. */
  | {
      readonly kind: 'type';
      readonly column: string;
      readonly type: TypeName;
      readonly converts: boolean;
    }
  | { readonly kind: 'foreign-key'; readonly key: ForeignKey }
  | {
      readonly kind: 'unique';
      readonly columns: readonly string[];
      readonly primary: boolean;
      readonly nullsNotDistinct: boolean;
    }
  /**
   * A check that is valid when the statement is done; it may be what spares SET NOT NULL its scan. `expression` is SQL; null where it
   * is not told here. `valid` false: NOT VALID.
   */
  | { readonly kind: 'check'; readonly expression: string | null; readonly valid: boolean }
  | { readonly kind: 'owner' }
  | { readonly kind: 'other' };

/** What a statement does to what there is, as far as its parse tree tells. */
export type Touch =
  | {
      readonly kind: 'create';
      readonly object: 'table' | 'view' | 'matview' | 'sequence' | 'type' | 'function';
      readonly name: RelationName;
      readonly temporary: boolean;
      readonly ifNotExists: boolean;
      /** OR REPLACE. */
      readonly replaces: boolean;
      /** CREATE TABLE … AS, or one that has partitions or inherits: it may have rows. */
      readonly filled: boolean;
      /** Materialised views: false = WITH NO DATA. */
      readonly populated: boolean;
    }
  | { readonly kind: 'create-schema' | 'drop-schema'; readonly schema: string }
  | {
      readonly kind: 'drop';
      readonly object: 'table' | 'view' | 'matview' | 'index';
      readonly name: RelationName;
    }
  | { readonly kind: 'alter'; readonly table: RelationName; readonly alterations: readonly Alteration[] }
  | { readonly kind: 'rename'; readonly table: RelationName; readonly to: RelationName }
  | {
      readonly kind: 'rename-column';
      readonly table: RelationName;
      readonly column: string;
      readonly to: string;
    }
  | {
      readonly kind: 'index';
      readonly table: RelationName;
      readonly name: string | null;
      /** Unique over columns of all rows: what a concurrent refresh can use. */
      readonly unique: boolean;
      /** Of every UNIQUE index: what must differ, as SQL, and of which rows; null where that can't be told. */
      readonly differs: Differs | null;
      readonly concurrently: boolean;
      readonly ifNotExists: boolean;
    }
  /** A new table with a foreign key to this one. */
  | { readonly kind: 'references'; readonly table: RelationName }
  | {
      readonly kind: 'refresh';
      readonly view: RelationName;
      readonly concurrently: boolean;
      readonly populated: boolean;
    }
  /** `update`: ALTER EXTENSION … UPDATE. `version` null: the default one. */
  | {
      readonly kind: 'extension';
      readonly name: string;
      readonly version: string | null;
      readonly cascade: boolean;
      readonly update: boolean;
    }
  /** `all`: DELETE without WHERE. */
  | { readonly kind: 'rows'; readonly verb: Verb; readonly table: RelationName; readonly all: boolean }
  | { readonly kind: 'truncate'; readonly table: RelationName }
  /** Needs this right on a table, and leaves its shape as it is. */
  | { readonly kind: 'needs'; readonly right: 'own' | 'trigger'; readonly table: RelationName }
  /** Something else is dropped, and whatever needs it: columns, with a type. */
  | { readonly kind: 'cascade' }
  /** From here on unqualified names are found elsewhere. */
  | { readonly kind: 'search-path' }
  /** From here on the rights are not those of now. */
  | { readonly kind: 'rights' }
  /** Code that a parse tree does not show: DO, CALL, a function that is called for what it does. */
  | { readonly kind: 'opaque' };
