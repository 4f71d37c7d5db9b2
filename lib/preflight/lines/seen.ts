import type { Blockers } from '../../database/catalog/blockers.js';
import type { LiveRelation } from '../../database/catalog/live-relations.js';
import type { RolePrivileges } from '../../database/catalog/privileges.js';
import type { ReadOnlySession } from '../../database/connection/read-only.js';
import type { Server } from '../../database/connection/server.js';
import type { MissingRights } from '../../database/tables/rights.js';
import type { RelationName } from '../../sql/touch.js';
import type { Question, QuestionPlace, Questions } from '../simulate/questions.js';

/** What was seen of a database with a plan in mind; the lines of the checklist are made of it. */
export interface Seen {
  readonly reader: ReadOnlySession;
  readonly server: Server;
  readonly asked: Questions;
  readonly relation: (name: RelationName) => LiveRelation | undefined;
  /** Null: could not be read. */
  readonly privileges: RolePrivileges | null;
  /** Rights on our own tables. */
  readonly missing: readonly MissingRights[];
  readonly others: readonly Blockers[] | null;
  readonly bigTableRows: number;
  readonly longTransactionSeconds: number;
}

/** Questions of one kind. */
export function ofKind<K extends Question['kind']>(
  { asked }: Seen,
  kind: K,
): (QuestionPlace & Extract<Question, { kind: K }>)[] {
  return asked.questions.filter((one): one is Extract<Question, { kind: K }> => one.kind === kind);
}

/** The names of a relation, one within the other: with its schema where that is not the first of the search path. */
export function placeOf({ server }: Pick<Seen, 'server'>, { schema, name }: RelationName): string[] {
  return schema === null || schema === server.schema ? [name] : [schema, name];
}

/** A relation as people name it. */
export const nameOf = (seen: Pick<Seen, 'server'>, relation: RelationName): string =>
  placeOf(seen, relation).join('.');
