import Fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { boot, defineRevision, type Event, type EventLevel, type Logger, upgrade } from '../../lib/index.js';
import { eventMessage } from '../../lib/listeners/message.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';

/* Loggers shaped like pino are taken as they are: one line per event, by the method of its level. */

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

const SECRET = 'hunter2';
const revisions = [
  defineRevision({ revision: 'a', upgrade: 'CREATE TABLE a (id int)' }),
  defineRevision({
    revision: 'b',
    revises: 'a',
    upgrade: async ({ log }) => log(`copied from postgres://me:${SECRET}@host/db`),
  }),
];

async function on(schema: string): Promise<{ database: string; schema: string }> {
  await database.query(`CREATE SCHEMA ${schema}`);
  return { database: database.url, schema };
}

type Line = readonly [EventLevel, Record<string, unknown>, string];

/** Methods that need their object, as those of pino do. */
class Memory implements Logger {
  readonly lines: Line[] = [];
  readonly #write = (level: EventLevel, fields: object, message: string): void => {
    this.lines.push([level, { ...fields }, message]);
  };
  debug(fields: object, message: string): void {
    this.#write('debug', fields, message);
  }
  info(fields: object, message: string): void {
    this.#write('info', fields, message);
  }
  warn(fields: object, message: string): void {
    this.#write('warn', fields, message);
  }
  error(fields: object, message: string): void {
    this.#write('error', fields, message);
  }
}

test('pino, as Fastify has it: an object with the fields, and a message', async () => {
  const written: string[] = [];
  const stream = { write: (line: string) => void written.push(line) };
  const app = Fastify({ logger: { level: 'debug', stream } });
  const logger: Logger = app.log;
  await upgrade({ ...(await on('pino')), revisions, target: 'a', logger });
  const lines = written.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.map(({ level, type }) => [level, type])).toEqual([
    [30, 'planned'],
    [20, 'step-started'],
    [30, 'step-finished'],
  ]);
  expect(lines[2]).toMatchObject({
    revision: 'a',
    direction: 'upgrade',
    ms: expect.any(Number),
    msg: expect.stringMatching(/^upgrade of a is done after \d+ ms \(1\/1\)$/),
  });
  // pino writes a key of this name itself; a second one would win.
  for (const line of written) expect(line.match(/"level":/g)).toHaveLength(1);
});

test('console is one', async () => {
  const logger: Logger = console;
  await upgrade({ ...(await on('console')), revisions: [], logger });
});

test('boot writes every event once, and none with a password', async () => {
  const logger = new Memory();
  const events: Event[] = [];
  const at = await on('once');
  await boot({ ...at, revisions, logger, onEvent: (event) => events.push(event) });
  expect(logger.lines.map(([level, { type }]) => [level, type])).toEqual(
    events.map(({ level, type }) => [level, type]),
  );
  expect(logger.lines.map(([, fields]) => fields.level)).toEqual(logger.lines.map(() => undefined));
  const [, fields, message] = logger.lines.find(([, { type }]) => type === 'log') as Line;
  expect([fields.message, message]).toEqual([
    'copied from postgres://me:…@host/db',
    'b: copied from postgres://me:…@host/db',
  ]);
  expect(JSON.stringify(logger.lines)).not.toContain(SECRET);
});

test('a failure is an error', async () => {
  const logger = new Memory();
  const wrong = defineRevision({ revision: 'a', upgrade: 'SELECT 1/0' });
  await expect(upgrade({ ...(await on('failure')), revisions: [wrong], logger })).rejects.toThrow();
  expect(logger.lines.at(-1)).toEqual([
    'error',
    expect.objectContaining({ type: 'step-failed', sqlstate: '22012' }),
    expect.stringMatching(/^upgrade of a failed after .*: division by zero$/),
  ]);
});

describe('the message of an event is a line', () => {
  const step = { revision: 'a', message: 'm', direction: 'upgrade', number: 1, total: 2 } as const;
  test.each<[Parameters<typeof eventMessage>[0], string]>([
    [{ type: 'state-found', state: 'empty', current: [] }, 'The database is empty, at base'],
    [{ type: 'planned', total: 1, from: [], to: ['a'] }, '1 step to run, from base to a'],
    [{ type: 'step-started', ...step }, 'upgrade of a begins (1/2)'],
    [{ type: 'lock-obtained', waitedMs: 1500 }, 'The lock is free after 1.5 s'],
    [
      {
        type: 'step-retried',
        revision: 'a',
        attempt: 1,
        pauseMs: 250,
        sqlstate: '55P03',
        blocker: 'app (pid 7)',
      },
      'a: a table is locked by app (pid 7); attempt 2 in 250 ms',
    ],
  ])('%j', (event, message) => {
    expect(eventMessage(event)).toBe(message);
  });
});
