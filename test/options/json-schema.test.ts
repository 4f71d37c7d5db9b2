import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../lib/config/schema.js';

/* The schema that editors read says of a configuration what the library says of it. */

const schema = JSON.parse(readFileSync('dist/schemas/config.json', 'utf8'));
const validate = new Ajv({ allowUnionTypes: true, strict: false }).compile(schema);
const accepts = async (config: unknown): Promise<boolean> =>
  parseConfig(config, 'x').then(
    () => true,
    () => false,
  );

test('accepts every configuration of this project', async () => {
  const fixtures = ['revgraph.config.json'];
  for (const file of fixtures) {
    const config = JSON.parse(readFileSync(file, 'utf8'));
    expect([file, validate(config), validate.errors ?? null]).toEqual([file, true, null]);
    expect(await accepts(config)).toBe(true);
  }
});

const GOOD: readonly object[] = [
  {},
  { $schema: './node_modules/revgraph/dist/schemas/config.json' },
  { revisions: './r', lines: ['a', 'b'], lockTimeoutMs: 5000, unknownRows: 'warn' },
  { releases: { '1.0.0': 'a', 'v1.2.3-rc.1': ['a', 'b'] }, runsOn: { '1.0.0': '>=a <b' } },
  { checks: [{ title: 't', sql: 'SELECT 1', expect: 1 }], backup: { file: 'x', maxAgeHours: 2 } },
  { expect: { database: ['a'] }, preflight: { bigTableRows: 1 }, compatible: '2.4.0' },
  { matrix: { starts: { x: { sql: 'x.sql' } } } },
];
const BAD: readonly object[] = [
  { revison: './r' },
  { lines: 'a' },
  { unknownRows: 'ignore' },
  { lockRetries: -1 },
  { lockRetries: 1.5 },
  { statementTimeoutMs: '5s' },
  { releases: { latest: 'a' } },
  { runsOn: { '1.0.0': '~a' } },
  { checks: [{ title: 't' }] },
  { backup: { file: 'x', days: 1 } },
  { expect: { port: 5432 } },
  { matrix: { start: {} } },
  { url: 5 },
];

describe('says the same as the library', () => {
  test.each(GOOD.map((config) => [JSON.stringify(config), config]))('yes: %s', async (_, config) => {
    const known = Object.keys(config).filter((key) => !(key in schema.properties));
    expect([known, validate(config), await accepts(config)]).toEqual([[], true, true]);
  });
  test.each(BAD.map((config) => [JSON.stringify(config), config]))('no: %s', async (_, config) => {
    expect([validate(config), await accepts(config)]).toEqual([false, false]);
  });
});

test('every option has a sentence', () => {
  for (const [name, { description }] of Object.entries<{ description?: string }>(schema.properties))
    expect([name, description]).toEqual([name, expect.stringMatching(/\S/)]);
});
