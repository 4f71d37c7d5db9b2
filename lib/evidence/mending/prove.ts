import type { Opened } from '../../access/open.js';
import type { Prover } from '../../apply/ready.js';
import { readFactRows, readFactRowsInside } from '../../database/catalog/introspect.js';
import { isConnectionLost } from '../../database/connection/failure.js';
import { describeServer, type Server } from '../../database/connection/server.js';
import { type AcceptedDrift, readAcceptedDrift, readRefused } from '../../database/tables/accepted-drift.js';
import { RevgraphError } from '../../errors/error.js';
import { counted, differenceText, list } from '../../errors/words.js';
import { type Catalogue, expectedFacts, HOME, insideOf, knownBy } from '../../fingerprint/catalogue.js';
import { comparable } from '../../fingerprint/comparable.js';
import { byObject, isExtension, type ObjectDifference } from '../../fingerprint/differences.js';
import type { FactRow } from '../../fingerprint/fact.js';
import {
  difference,
  type Fact,
  isComment,
  type Snapshot,
  subjectOf,
  toSnapshot,
} from '../../fingerprint/fact.js';
import { otherShapes } from '../../fingerprint/shapes.js';
import type { Plan } from '../../plan/plan.js';
import { catalogueFile, whyNoCatalogue } from '../../project/catalogue-place.js';
import { type RecordedEntry, readCatalogue, toCatalogue } from '../catalogue-file.js';
import { isWithoutEvidence } from '../catalogue-fit.js';
import { AS_FORESEEN, notCompared, type SchemaProof } from './schema-proof.js';

/** What a schema is held against. */
interface Held {
  readonly opened: Pick<Opened, 'project' | 'session' | 'table'>;
  readonly catalogue: Catalogue;
  readonly accepted: readonly AcceptedDrift[];
  readonly rows: readonly string[];
  /** Revisions of the run; none where nothing is run. */
  readonly ran: ReadonlySet<string>;
  /** Objects for which the run before was refused, and that steps before its last one have made. */
  readonly refused: ReadonlySet<string>;
}

type Asked = Pick<Opened, 'project' | 'session' | 'table' | 'record'> & {
  readonly server: Pick<Server, 'schema' | 'versionNumber'>;
};

/** What is needed for a proof, or why there can be none. @param strict a catalogue that is too old is an error */
async function hold(
  opened: Asked,
  rows: readonly string[],
  ran: ReadonlySet<string>,
  strict: boolean,
): Promise<Held | string> {
  const { folder, graph } = opened.project;
  const none = whyNoCatalogue(folder);
  if (none !== null) return none;
  const file = catalogueFile(folder as string);
  if (opened.server.versionNumber === null) return 'this is not PostgreSQL';
  if (opened.server.schema !== HOME)
    return `the catalogue describes the schema ${HOME}, and the revisions run in ${opened.server.schema}`;
  if (rows.some((row) => !graph.has(row))) return 'no file has some of the rows';
  const entries = await readCatalogue(file).catch((error: unknown) => {
    if (strict || !isWithoutEvidence(error)) throw error;
    return error.message;
  });
  if (typeof entries === 'string') return entries;
  const stale = await staleOf(opened, entries, ran);
  if (stale.length > 0) {
    if (strict) throw new RevgraphError('catalogue_stale', { file, stale });
    return `the catalogue is older than ${list(stale.map(({ revision }) => revision))}`;
  }
  const { session, table } = opened;
  const hasLedger = opened.record !== null;
  const accepted = hasLedger ? await readAcceptedDrift(session, table) : [];
  const before = hasLedger && ran.size > 0 ? await readRefused(session, table) : [];
  const refused = new Set(before.map(({ object }) => object));
  return { opened, catalogue: toCatalogue(entries), accepted, rows, ran, refused };
}

/** Of what is run, the revisions that the catalogue does not know as they are; their text is read for the run anyway. */
async function staleOf(
  { project }: Pick<Opened, 'project'>,
  entries: readonly RecordedEntry[],
  ran: ReadonlySet<string>,
): Promise<{ revision: string; why: string }[]> {
  const known = new Map(entries.map(({ revision, checksum }) => [revision, checksum]));
  const stale: { revision: string; why: string }[] = [];
  for (const revision of ran) {
    const checksum = (await project.revisions.get(revision)?.body())?.checksum;
    if (!known.has(revision)) stale.push({ revision, why: 'it is not in the catalogue' });
    else if (known.get(revision) !== checksum) stale.push({ revision, why: 'it has been edited since' });
  }
  return stale;
}

/** Compares facts with what the catalogue has for the rows. Comments are lost on the way, and tell nothing. */
function compare({ opened, catalogue, accepted, rows, ran, refused }: Held, facts: Snapshot): SchemaProof {
  const { graph } = opened.project;
  const known = knownBy(catalogue);
  const observed = comparable(catalogue, facts);
  const claimed = graph.closureOf(rows);
  const inside = insideOf(known, observed);
  const expected = expectedFacts(graph, catalogue, claimed);
  const isKept = keptIn(accepted);
  const counts = (fact: Fact): boolean => !isComment(fact) && !isKept(fact);
  const off = difference(expected, inside);
  const missing = off.missing.filter(counts);
  // An extension that is there early is anybody's.
  const unexpected = off.unexpected.filter((fact) => counts(fact) && !isExtension(fact));
  if (missing.length + unexpected.length === 0) return AS_FORESEEN;
  const writers = new Map<string, string>();
  for (const id of graph.ids.filter((_, n) => claimed[n] === 1)) {
    const { adds = [], removes = [], remakes = [] } = catalogue.get(id) ?? {};
    for (const fact of [...adds, ...removes, ...remakes]) writers.set(subjectOf(fact), id);
  }
  const isMade = ({ object }: ObjectDifference): boolean =>
    ran.has(writers.get(object) ?? '') || refused.has(object);
  const differences = byObject({ missing, unexpected }, otherShapes(known, observed));
  const isGone = (id: string): boolean => {
    const adds = (catalogue.get(id)?.adds ?? []).filter((fact) => !isComment(fact));
    return !ran.has(id) && adds.length > 0 && !adds.some((fact) => observed.has(fact));
  };
  const before = differences.filter((one) => !isMade(one));
  const owners = new Set(before.flatMap(({ object }) => writers.get(object) ?? []));
  const neverRan = graph.ids.filter((id) => owners.has(id) && isGone(id));
  return { skipped: null, made: differences.filter(isMade), before, neverRan };
}

function keptIn(accepted: readonly AcceptedDrift[]): (fact: Fact) => boolean {
  const facts = new Set(accepted.flatMap(({ missing, unexpected }) => [...missing, ...unexpected]));
  return (fact) => facts.has(fact);
}

/** Compares the schema with the rows as they are, whatever ran last. */
export async function proveOpened(opened: Opened): Promise<SchemaProof> {
  const { session, table, rows } = opened;
  const server = await describeServer(session, table.schema ?? undefined);
  const held = await hold({ ...opened, server }, rows, new Set(), false);
  return typeof held === 'string'
    ? notCompared(held)
    : compare(held, toSnapshot(await readFactRows(session, table.name)));
}

const said = (differences: readonly ObjectDifference[]): string => list(differences.map(differenceText), 4);

/** A look at the schema. One that fails must not fail the run, unless the proof is asked for. */
async function looked(
  mode: 'warn' | 'fail',
  held: Held,
  read: () => Promise<readonly FactRow[]>,
): Promise<SchemaProof> {
  try {
    return compare(held, toSnapshot(await read()));
  } catch (error) {
    if (mode === 'fail' || isConnectionLost(error)) throw error;
    return notCompared(`the schema could not be read: ${(error as Error).message}`);
  }
}

/**
 * Looks at the end of a run, from inside the transaction of its last step: is the schema what the catalogue has for the rows?
 *
 * @param mode `fail`: what the run made otherwise rolls that step back · `warn`: it is told, and the ledger keeps it
 * @param tell given what was found
 */
export function proving(
  mode: 'warn' | 'fail' | 'off',
  tell: (found: SchemaProof) => void,
): Prover | undefined {
  if (mode === 'off') return undefined;
  return async (locked, plan: Plan, drift = []) => {
    const ran = new Set(plan.steps.map(({ revision }) => revision));
    const held = await hold(locked, plan.to, ran, mode === 'fail');
    if (typeof held === 'string') {
      tell(notCompared(held));
      return undefined;
    }
    const whole = { ...held, accepted: [...held.accepted, ...drift] };
    const { session, table, emit } = locked;
    let found: SchemaProof | null = null;
    return {
      only: plan.steps.at(-1)?.revision,
      begin: async () => {},
      end: async (revision) => {
        found = await looked(mode, whole, () => readFactRowsInside(session, table.name));
        if (mode === 'fail' && found.made.length > 0)
          throw new RevgraphError('unproven', { revision, differences: found.made });
        return found.made.length === 0 ? null : { unproven: found.made };
      },
      after: async () => {
        // A step that was only queued has no transaction of its own.
        found ??= await looked(mode, whole, () => readFactRows(session, table.name));
        tell(found);
        const { made, before, neverRan } = found;
        if (made.length > 0)
          emit({
            type: 'warning',
            message: `the run ended, but ${counted(made.length, 'object')} of its revisions ${made.length === 1 ? 'is' : 'are'} not as the catalogue has ${made.length === 1 ? 'it' : 'them'}: ${said(made)}. See \`revgraph doctor\``,
          });
        // That revisions never ran is told before the run.
        if (before.length > 0 && neverRan.length === 0)
          emit({
            type: 'warning',
            message: `${counted(before.length, 'object')} had drifted before the run: ${said(before)}. See \`revgraph doctor\``,
          });
      },
    };
  };
}
