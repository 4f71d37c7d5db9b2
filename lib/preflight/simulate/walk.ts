import type { PreparedStep } from '../../run/prepare.js';
import type { Statement } from '../../sql/statements.js';
import type { RelationName, Touch } from '../../sql/touch.js';
import type { Question, QuestionPlace, Questions } from './questions.js';
import { askAlterations, askColumn, askUnique } from './walk-alter.js';
import type { Open, Simulation } from './world.js';
import { type There, World } from './world.js';

/**
 * Goes through a plan statement by statement and writes down what has to be looked up before it runs. What an earlier
 * statement makes or takes away is not asked for. Pure.
 */
export function questionsOf(steps: readonly PreparedStep[], there: There): Questions {
  const world = new World(there);
  const questions = new Map<string, Question>();
  const locked = new Map<string, RelationName>();
  const opaque: Questions['opaque'][number][] = [];
  for (const { step, revision, work, mode } of steps) {
    const file = revision.file ?? step.revision;
    if (work.kind === 'code') {
      world.opaque = true;
      opaque.push({ revision: step.revision, file: revision.file, why: 'it is a code revision' });
    }
    if (!('statements' in work)) continue;
    world.pathUnknown = false;
    for (const statement of work.statements) {
      const at = { revision: step.revision, file, line: statement.line };
      const walk = walkAt(world, at, mode, questions, locked);
      for (const touch of statement.touches) follow(walk, touch);
    }
    const why = opaqueIn(work.statements);
    if (why !== null) opaque.push({ revision: step.revision, file, why });
  }
  return { questions: [...questions.values()], locked: [...locked.values()], opaque };
}

function opaqueIn(statements: readonly Statement[]): string | null {
  const found = statements.filter(({ touches }) => touches.some(({ kind }) => kind === 'opaque'));
  const [first] = found;
  if (first === undefined) return null;
  const what =
    first.node === 'DoStmt'
      ? 'a DO block'
      : first.node === 'CreateCastStmt'
        ? 'a new cast'
        : 'a function call';
  return `${what} on line ${first.line}${found.length === 1 ? '' : ` and ${found.length - 1} more`}`;
}

function walkAt(
  world: World,
  at: Omit<QuestionPlace, 'sure'>,
  mode: PreparedStep['mode'],
  questions: Map<string, Question>,
  locked: Map<string, RelationName>,
): Simulation {
  return {
    world,
    ask: (question, sure = true) => {
      if (isRight(question) && world.rightsUnknown) return;
      // What an interrupted run has made already is not made again.
      if (/exists$/.test(question.kind) && mode === 'none') return;
      // A right that is there at the first statement is there at the next.
      const key = isRight(question) ? JSON.stringify(question) : String(questions.size);
      if (!questions.has(key))
        questions.set(key, { ...question, ...at, sure: sure && !world.opaque } as Question);
    },
    lock: (table) => locked.set(JSON.stringify(table), table),
  };
}

const isRight = ({ kind }: Open): boolean => /^(right|schema|room|database)$/.test(kind);

function follow(walk: Simulation, touch: Touch): void {
  const { world } = walk;
  switch (touch.kind) {
    case 'create':
      create(walk, touch);
      return;
    case 'create-schema':
      walk.ask({ kind: 'database' });
      world.madeSchemas.add(touch.schema);
      return;
    case 'drop-schema':
      if (world.madeSchemas.has(touch.schema)) return;
      walk.ask({ kind: 'schema', schema: touch.schema, right: 'owned' });
      walk.ask({ kind: 'schema-loss', schema: touch.schema });
      world.dropSchema(touch.schema);
      return;
    case 'drop':
      drop(walk, touch);
      return;
    case 'alter': {
      const table = world.live(touch.table);
      if (table !== null) askAlterations(walk, table, touch.alterations);
      // A partition that is attached brings its rows.
      else if (touch.alterations.some(({ kind }) => kind === 'other')) world.fill(touch.table);
      return;
    }
    case 'rename':
      needs(walk, touch.table, 'own');
      world.rename(touch.table, touch.to);
      return;
    case 'rename-column': {
      const table = needs(walk, touch.table, 'own');
      if (table === null) return;
      askColumn(walk, table, touch.to);
      world.setColumn(table, touch.to, world.column(table, touch.column));
      world.setColumn(table, touch.column, null);
      world.loseColumn(touch.column);
      return;
    }
    case 'index':
      index(walk, touch);
      return;
    case 'references': {
      const table = world.live(touch.table);
      if (table !== null) walk.ask({ kind: 'right', right: 'references', table });
      return;
    }
    case 'refresh':
      refresh(walk, touch);
      return;
    case 'extension':
      walk.ask({ ...touch, created: [...world.extensions] });
      if (!touch.update) world.extensions.push(touch.name);
      return;
    case 'rows':
    case 'truncate':
      rows(walk, touch);
      return;
    case 'needs': {
      const table = world.live(touch.table);
      if (table !== null) walk.ask({ kind: 'right', right: touch.right, table });
      return;
    }
    case 'cascade':
      world.anyColumnGone = true;
      return;
    case 'search-path':
      world.pathUnknown = true;
      return;
    case 'rights':
      world.rightsUnknown = true;
      return;
    case 'opaque':
      world.opaque = true;
      return;
    default:
      touch satisfies never;
  }
}

/** Asks for a right on what is changed; null if it is not there yet, or any more. */
function needs(walk: Simulation, name: RelationName, right: 'own' | 'drop'): RelationName | null {
  const table = walk.world.live(name);
  if (table === null) return null;
  walk.ask({ kind: 'right', right, table });
  walk.lock(table);
  return table;
}

const CREATED = { table: 'TABLE', view: 'VIEW', matview: 'MATERIALIZED VIEW', sequence: 'SEQUENCE' } as const;

type Of<K extends Touch['kind']> = Extract<Touch, { kind: K }>;

function create(walk: Simulation, touch: Of<'create'>): void {
  const { object, name, temporary, populated, ifNotExists, replaces } = touch;
  const { world } = walk;
  const { schema } = name;
  const known = schema === null ? !world.pathUnknown : !world.madeSchemas.has(schema);
  if (!temporary && known) walk.ask({ kind: 'schema', schema, right: 'create' });
  if (object === 'type' || object === 'function') return;
  const live = world.live(name);
  if (ifNotExists && live !== null) return;
  if (live !== null && !replaces && !temporary)
    walk.ask({ kind: 'exists', table: live, schema, what: `CREATE ${CREATED[object]}` });
  world.make(name);
  // CREATE TABLE … AS brings its rows.
  if (object === 'table' && touch.filled) world.fill(name);
  if (object === 'matview') world.addMaterializedView(name, populated);
  if (object === 'view') world.addPlainView(name);
}

function drop(walk: Simulation, { object, name }: Of<'drop'>): void {
  const table = needs(walk, name, 'drop');
  if (table !== null && object === 'table' && !walk.world.isEmptied(table))
    walk.ask({ kind: 'loss', how: 'table', table, column: null });
  walk.world.drop(name);
}

function index(walk: Simulation, touch: Of<'index'>): void {
  const { world } = walk;
  const { name, unique, concurrently, ifNotExists } = touch;
  const table = world.live(touch.table);
  if (table !== null) {
    walk.ask({ kind: 'right', right: 'own', table });
    walk.ask({ kind: 'room', table });
    if (!concurrently && !world.isEmptied(table)) walk.ask({ kind: 'index', table, name, ifNotExists });
    if (!concurrently) walk.lock(table);
    const taken = name === null || ifNotExists ? null : world.live({ schema: table.schema, name });
    askUnique(walk, table, touch.differs, ifNotExists ? name : null);
    if (taken !== null)
      walk.ask({ kind: 'exists', table: taken, schema: table.schema, what: 'CREATE INDEX' });
  }
  if (unique) world.materializedView(touch.table).indexed = true;
  if (name !== null && !ifNotExists) world.make({ schema: touch.table.schema, name });
}

function refresh(walk: Simulation, { view, concurrently, populated }: Of<'refresh'>): void {
  const { world } = walk;
  const live = world.live(view);
  if (live !== null) walk.ask({ kind: 'right', right: 'refresh', table: live });
  const known = world.materializedView(view);
  if (concurrently && (live !== null || known.made))
    walk.ask({
      kind: 'refresh',
      view: live ?? view,
      made: known.made,
      indexed: known.indexed,
      populated: known.populated,
      goneIndexes: [...world.goneIndexes],
    });
  else if (live !== null) walk.lock(live);
  known.populated = concurrently || populated;
}

function rows(walk: Simulation, touch: Of<'rows'> | Of<'truncate'>): void {
  const { world } = walk;
  const table = world.live(touch.table);
  // What is written through a view is written somewhere else.
  if (world.isPlainView(touch.table) && touch.kind === 'rows' && touch.verb !== 'select') world.opaque = true;
  if (touch.kind === 'rows' && (touch.verb === 'insert' || touch.verb === 'update')) world.fill(touch.table);
  if (table === null) return;
  if (touch.kind === 'truncate') {
    walk.lock(table);
    walk.ask({ kind: 'right', right: 'truncate', table });
  } else walk.ask({ kind: 'right', right: touch.verb, table });
  const how = touch.kind === 'truncate' ? 'truncate' : touch.all ? 'delete' : null;
  if (how !== null) {
    if (!world.isEmptied(table)) walk.ask({ kind: 'loss', how, table, column: null });
    world.empty(table);
  }
  if (touch.kind === 'truncate' || touch.verb !== 'select') world.write(table);
}
