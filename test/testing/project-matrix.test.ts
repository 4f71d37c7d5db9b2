import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type MatrixPath, type MatrixResult, matrixOptions, readConfig, runMatrix } from '../../lib/index.js';
import { matrixTests } from '../../lib/testing/index.js';

/* The project's own matrix (revgraph.config.json), on a server and in part on PGlite. */

const options = matrixOptions(await readConfig());

matrixTests(
  { afterAll, describe, test: test.concurrent },
  { ...options, on: inject('serverUrl'), title: 'every path, on a server' },
);

/*
 * The same against the facts of the real product, not against what the configuration says: one start per scenario.
 */
const SCENARIOS = {
  fresh: 'fresh',
  'v1.0.6': 'v1.0.6',
  'v1.0.24': 'v1.0.24',
  'v1.0.24-without-version-table': 'v1.0.24 without its version table',
  'v1.0.27': 'v1.0.27',
} as const;

interface Scenario {
  readonly id: string;
  readonly state: string;
  readonly stamp?: readonly string[] | null;
  readonly run: readonly string[];
}

describe('on PGlite, as measured on the real product', () => {
  const { scenarios } = JSON.parse(readFileSync('fixtures/whisperengine/scenarios.json', 'utf8')) as {
    scenarios: Scenario[];
  };
  let result: MatrixResult;
  beforeAll(async () => {
    const { starts: _, ...rest } = options;
    const starts = Object.fromEntries(
      Object.entries(options.starts ?? {}).map(([name, { expect: __, ...start }]) => [
        name,
        // Only a start that must be refused is watched for what it writes.
        name === 'v1.0.2' || name === 'false stamp'
          ? { ...start, expect: { refused: true as const } }
          : start,
      ]),
    );
    result = await runMatrix({
      ...rest,
      starts,
      only: [...Object.values(SCENARIOS), 'v1.0.2', 'false stamp'],
    });
  }, 120_000);
  const pathOf = (start: string) => result.paths.find((path) => path.start === start) as MatrixPath;

  test.each(Object.entries(SCENARIOS))('%s', (id, start) => {
    const scenario = scenarios.find((one) => one.id === id) as Scenario;
    const path = pathOf(start);
    expect(path).toMatchObject({
      ok: true,
      failures: [],
      state: scenario.state,
      stamp: scenario.stamp ?? null,
      schema: { equal: true, missing: [], unexpected: [] },
      secondRun: [],
    });
    expect([...(path.run ?? [])].sort()).toEqual([...scenario.run].sort());
    const answers = Object.fromEntries(path.checks?.map(({ title, found }) => [title, found]) ?? []);
    expect(answers).toMatchObject({
      'personality traits of the assistant': '5',
      'communication styles of the assistant': '1',
      'values of the assistant': '3',
      'type of the preferences': 'jsonb',
    });
  });

  test('v1.0.2 is refused with the nearest candidates, and nothing is written', () => {
    expect(pathOf('v1.0.2')).toMatchObject({ ok: true, state: 'unidentified', stamp: null, run: null });
    expect(pathOf('v1.0.2').refused).toMatchObject({
      code: 'unidentified',
      message: expect.stringMatching(/20251011_baseline_v106: \d+ facts? differs?/),
    });
  });

  test('a false stamp is refused with what it claims and what there is', () => {
    expect(pathOf('false stamp').refused).toMatchObject({
      code: 'contradicted',
      message: expect.stringMatching(
        /has a1b2c3d4e5f6, but the schema shows that these revisions never ran: .* and 2 more/,
      ),
    });
  });
});
