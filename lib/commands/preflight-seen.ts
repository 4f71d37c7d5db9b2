import type { InTheWay } from '../database/in-the-way.js';
import type { LiveRelation } from '../database/live-relations.js';
import type { Looking } from '../database/looking.js';
import type { Rooms } from '../database/rooms.js';
import type { Server } from '../database/server.js';
import type { RelationName } from '../revision/touch.js';
import type { Asked, Question, Questions } from './preflight-questions.js';

/** What was seen of a database with a plan in mind; the lines of the checklist are made of it. */
export interface Seen {
  readonly looking: Looking;
  readonly server: Server;
  readonly asked: Questions;
  readonly relation: (name: RelationName) => LiveRelation | undefined;
  /** Null: could not be read. */
  readonly rooms: Rooms | null;
  readonly others: readonly InTheWay[] | null;
  readonly bigTableRows: number;
  readonly longTransactionSeconds: number;
}

/** Questions of one kind. */
export function ofKind<K extends Question['kind']>(
  { asked }: Seen,
  kind: K,
): (Asked & Extract<Question, { kind: K }>)[] {
  return asked.questions.filter((one): one is Extract<Question, { kind: K }> => one.kind === kind);
}

/** A relation as people name it: with its schema where that is not the first of the search path. */
export function nameOf({ server }: Pick<Seen, 'server'>, { schema, name }: RelationName): string {
  return schema === null || schema === server.schema ? name : `${schema}.${name}`;
}
