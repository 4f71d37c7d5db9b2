import type { PreflightLimits } from '../config/options.js';
import { blockerQuestion, blockersOf } from '../database/catalog/blockers.js';
import { readRelations } from '../database/catalog/live-relations.js';
import { privilegeQuestions, privilegesOf } from '../database/catalog/privileges.js';
import {
  type Patience,
  type ReadOnlySession,
  withReadOnlySession,
} from '../database/connection/read-only.js';
import type { Server } from '../database/connection/server.js';
import type { Session } from '../database/connection/session.js';
import { missingOf, rightsQuestion } from '../database/tables/rights.js';
import type { VersionTable } from '../database/tables/version-table.js';
import type { PreparedStep } from '../run/prepare.js';
import type { RelationName } from '../sql/touch.js';
import { checkLines, uniqueLines } from './lines/constraints.js';
import { countedLines, requiredLines } from './lines/data.js';
import { extensionLines } from './lines/extensions.js';
import { type DataLoss, lineOf, type PreflightCheck } from './lines/line.js';
import { orphanLines } from './lines/orphans.js';
import { otherLines } from './lines/others.js';
import { rightLines, versionLine, writableLine } from './lines/rights.js';
import type { Seen } from './lines/seen.js';
import { existsLines, indexLines, refreshLines, rewriteLines, typeLines } from './lines/tables.js';
import { namesIn } from './simulate/names.js';
import { questionsOf } from './simulate/walk.js';

const DEFAULTS = { bigTableRows: 100_000, longTransactionSeconds: 60 } as const;

/** How long to count rows: briefly before a run, longer for the checklist. */
export const PATIENCE = {
  run: { eachMs: 5_000, allMs: 20_000 },
  checklist: { eachMs: 60_000, allMs: 300_000 },
} as const satisfies Record<string, Patience>;

/** A prepared plan and the database that it is for. */
export interface Examining {
  readonly session: Session;
  readonly server: Server;
  readonly table: VersionTable;
  readonly steps: readonly PreparedStep[];
  readonly limits?: PreflightLimits | undefined;
  readonly patience: Patience;
}

/** What the preflight found out about a plan. */
export interface PlanExamination {
  readonly checks: readonly PreflightCheck[];
  /** Rows that the plan deletes, and the `@loses` of revisions that it downgrades. */
  readonly losses: readonly DataLoss[];
}

/**
 * Looks up in the database what the statements of a plan need and would do: a handful of round trips, and one for each
 * table whose rows have to be counted. Reads only.
 */
export async function examinePlan(examining: Examining): Promise<PlanExamination> {
  const { session, server, steps, patience } = examining;
  const said = steps.flatMap(({ step, revision }) =>
    step.direction === 'downgrade' && revision.header.loses !== null
      ? [{ revision: step.revision, what: revision.header.loses, rows: null }]
      : [],
  );
  // Something that only speaks plain SQL (pg-mem) has no catalog to ask.
  if (server.versionNumber === null) return { checks: [], losses: said };
  const found = await withReadOnlySession(session, { searchPath: server.searchPath, patience }, (reader) =>
    linesOf(reader, examining),
  );
  const told = said.map(({ revision, what }) => ({
    ...lineOf('loss', 'warn', `${revision} loses data permanently`, what),
    revision,
  }));
  return { checks: [...found.checks, ...told], losses: [...found.losses, ...said] };
}

async function linesOf(reader: ReadOnlySession, examining: Examining): Promise<PlanExamination> {
  const { steps } = examining;
  const seen = await look(reader, examining);
  const counted = await countedLines(seen);
  const checks = [
    versionLine(seen.server),
    writableLine(seen.server),
    ...extensionLines(seen),
    ...rightLines(seen),
    ...otherLines(seen),
    ...existsLines(seen),
    ...refreshLines(seen),
    ...(await typeLines(seen)),
    ...rewriteLines(seen),
    ...indexLines(seen),
    ...counted.lines,
    ...(await requiredLines(seen)),
    ...(await uniqueLines(seen)),
    ...(await checkLines(seen)),
    ...(await orphanLines(seen)),
    ...seen.asked.opaque.map(({ revision, file, why }) => ({
      ...lineOf('opaque', 'skipped', `${revision} can't be analysed completely`, why),
      revision,
      file,
    })),
  ];
  return { checks: sorted(checks, steps), losses: counted.losses };
}

/** What is about no statement first, then in the order of the plan. */
function sorted(checks: readonly PreflightCheck[], steps: readonly PreparedStep[]): PreflightCheck[] {
  const order = new Map(steps.map(({ step }, i) => [step.revision, i]));
  const place = ({ revision }: PreflightCheck): number =>
    revision === null ? -1 : (order.get(revision) ?? -1);
  return [...checks].sort((a, b) => place(a) - place(b) || (a.line ?? 0) - (b.line ?? 0));
}

async function look(reader: ReadOnlySession, { server, table, steps, limits }: Examining): Promise<Seen> {
  const names: RelationName[] = namesIn(steps);
  const live = await readRelations(reader, names);
  const key = ({ schema, name }: RelationName): string => JSON.stringify([schema, name]);
  const found = new Map(
    [...live].flatMap(([at, relation]) => {
      const name = names[at] as RelationName;
      return [[key(name), relation] as const, [key(relation), relation] as const];
    }),
  );
  const asked = questionsOf(steps, (name) => {
    const relation = found.get(key(name));
    return relation === undefined ? null : { schema: relation.schema, name: relation.name };
  });
  const relation: Seen['relation'] = (name) => found.get(key(name));
  const schemas = asked.questions.flatMap((one) =>
    one.kind === 'schema' && one.schema !== null ? [one.schema] : [],
  );
  const extensions = asked.questions.flatMap((one) => (one.kind === 'extension' ? [one.name] : []));
  const place = table.schema ?? server.schema;
  const { bigTableRows = DEFAULTS.bigTableRows, longTransactionSeconds = DEFAULTS.longTransactionSeconds } =
    limits ?? {};
  const oids = asked.locked.flatMap((name) => relation(name)?.oid ?? []);
  const [rooms, installed, sessions, rights] = await reader.askAll([
    ...privilegeQuestions({ schemas: [...new Set([...schemas, place])], extensions }),
    blockerQuestion(oids, longTransactionSeconds),
    rightsQuestion(table, server),
  ]);
  const privileges = privilegesOf(rooms, installed);
  const others = blockersOf(sessions);
  const missing = missingOf(rights);
  return {
    reader,
    server,
    asked,
    relation,
    privileges,
    missing,
    others,
    bigTableRows,
    longTransactionSeconds,
  };
}
