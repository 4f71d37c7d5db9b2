import { z } from 'zod/v3';
import { EXPECTED_STATES } from './matrix.js';
import { strict } from './schema-parts.js';

const names = z.array(z.string().min(1));
const oneOrMore = z.union([z.string().min(1), names.min(1)]);

const EXPECTATION = strict({
  state: z.enum(EXPECTED_STATES).optional(),
  stamp: z.union([z.string(), z.array(z.string())]).optional(),
  run: z.union([z.number().int().min(0), z.record(z.string(), z.number().int().min(0))]).optional(),
  refused: z.union([z.literal(true), z.string().min(1)]).optional(),
  drift: names.optional(),
});

const START = strict({
  sql: oneOrMore.optional(),
  facts: z.string().min(1).optional(),
  rows: z.union([z.string(), names]).optional(),
  stamp: strict({ revision: z.string().min(1), reason: z.string().min(1) }).optional(),
  expect: EXPECTATION.optional(),
  repair: z.boolean().optional(),
  downgrade: z.boolean().optional(),
}).refine(({ sql, facts }) => sql !== undefined || facts !== undefined, 'needs sql or facts');

const CHECK = strict({
  title: z.string().min(1),
  sql: z.string().min(1),
  expect: z.union([z.string(), z.number(), z.boolean(), z.null()]),
  starts: names.optional(),
  targets: names.optional(),
});

/** `matrix` of a configuration. */
export const MATRIX_SCHEMA = strict({
  starts: z.record(z.string().min(1), START).optional(),
  targets: names.optional(),
  checks: z.array(CHECK).optional(),
  on: z.string().min(1).optional(),
  concurrency: z.number().int().min(1).max(64).optional(),
  fresh: z.boolean().optional(),
  releases: z.boolean().optional(),
});
