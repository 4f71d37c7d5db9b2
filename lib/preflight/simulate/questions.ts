import type { TableRight } from '../../database/catalog/live-relations.js';
import type { Differs, ForeignKey, RelationName, TypeName } from '../../sql/touch.js';

/** The statement that gives rise to a question. */
export interface QuestionPlace {
  readonly revision: string;
  readonly file: string;
  readonly line: number;
  /**
   * False: something earlier in the plan that can't be looked into, or that changes the rows in question, may settle it
   * before the statement comes. What is found then is a warning, never a refusal.
   */
  readonly sure: boolean;
}

/** What has to be looked up in the database before a plan runs. Names are those that are there now. */
export type Question = QuestionPlace &
  (
    | { readonly kind: 'right'; readonly right: TableRight; readonly table: RelationName }
    /** May this role make something in the schema (null: the first of the search path)? `room`: in that of the table. */
    | { readonly kind: 'schema'; readonly schema: string | null; readonly right: 'create' | 'owned' }
    | { readonly kind: 'room'; readonly table: RelationName }
    | { readonly kind: 'database' }
    | {
        readonly kind: 'extension';
        readonly name: string;
        readonly version: string | null;
        readonly cascade: boolean;
        readonly update: boolean;
        /** Those that the plan has created before. */
        readonly created: readonly string[];
      }
    /** Rows that are gone afterwards; `column` null = all of the table. */
    | {
        readonly kind: 'loss';
        readonly how: 'table' | 'truncate' | 'delete' | 'column';
        readonly table: RelationName;
        readonly column: string | null;
      }
    | { readonly kind: 'schema-loss'; readonly schema: string }
    | {
        readonly kind: 'foreign-key';
        readonly table: RelationName;
        readonly key: ForeignKey;
        /** The table that it refers to has no row then: the plan empties it, or has made it. */
        readonly emptied: boolean;
      }
    /** `table`: what must differ between its rows. */
    | {
        readonly kind: 'unique';
        readonly table: RelationName;
        readonly differs: Differs;
        /** `IF NOT EXISTS`: the index that may be there already. */
        readonly unless: RelationName | null;
      }
    /** A new column that must differ, and gets the same value in all rows. */
    | { readonly kind: 'repeats'; readonly table: RelationName; readonly column: string }
    | {
        readonly kind: 'check';
        readonly table: RelationName;
        readonly expression: string;
        readonly valid: boolean;
      }
    | {
        readonly kind: 'refresh';
        readonly view: RelationName;
        /** Made in this plan: nothing is there to be looked up. */
        readonly made: boolean;
        /** A unique index was made in this plan. */
        readonly indexed: boolean;
        /** As this plan leaves it; null = as it is. */
        readonly populated: boolean | null;
        readonly goneIndexes: readonly string[];
      }
    | {
        readonly kind: 'index';
        readonly table: RelationName;
        readonly name: string | null;
        readonly ifNotExists: boolean;
      }
    | {
        readonly kind: 'type';
        readonly table: RelationName;
        readonly column: string;
        readonly type: TypeName;
        readonly converts: boolean;
        /** The default is the one that is there now. */
        readonly defaultStands: boolean;
      }
    | {
        readonly kind: 'rewrite';
        readonly table: RelationName;
        readonly column: string;
        readonly why: string;
        readonly ifNotExists: boolean;
      }
    /** A new column without a value for the rows that are there. */
    | {
        readonly kind: 'required';
        readonly table: RelationName;
        readonly column: string;
        readonly ifNotExists: boolean;
      }
    /** Something is made by a name that another relation has; `schema` null: in the first of the search path. */
    | {
        readonly kind: 'exists';
        readonly table: RelationName;
        readonly schema: string | null;
        readonly what: string;
      }
    /** A column gets a name that another one of the table has. */
    | { readonly kind: 'column-exists'; readonly table: RelationName; readonly column: string }
    | {
        readonly kind: 'not-null';
        readonly table: RelationName;
        readonly column: string;
        /** A check was added in this plan, which may spare the scan. */
        readonly checked: boolean;
      }
  );

/** All that a plan asks. */
export interface Questions {
  readonly questions: readonly Question[];
  /** Existing tables that the plan takes a strong lock on. */
  readonly locked: readonly RelationName[];
  /** Steps that can't be looked into, and why. */
  readonly opaque: readonly {
    readonly revision: string;
    readonly file: string | null;
    readonly why: string;
  }[];
}
