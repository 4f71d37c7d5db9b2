import { z } from 'zod';

const names = z.array(z.string().min(1));
const oneOrMore = z.union([z.string().min(1), names.min(1)]);

const EXPECTATION = z.strictObject({
  state: z.enum(['empty', 'legacy', 'behind', 'current', 'ahead']).optional(),
  stamp: z.union([z.string(), z.array(z.string())]).optional(),
  run: z.union([z.number().int().min(0), z.record(z.string(), z.number().int().min(0))]).optional(),
  refused: z.union([z.literal(true), z.string().min(1)]).optional(),
});

const START = z.strictObject({
  sql: oneOrMore,
  rows: z.union([z.string(), names]).optional(),
  stamp: z.strictObject({ revision: z.string().min(1), reason: z.string().min(1) }).optional(),
  expect: EXPECTATION.optional(),
  downgrade: z.boolean().optional(),
});

const CHECK = z.strictObject({
  title: z.string().min(1),
  sql: z.string().min(1),
  expect: z.union([z.string(), z.number(), z.boolean(), z.null()]),
  starts: names.optional(),
  targets: names.optional(),
});

/** `matrix` of a configuration. */
export const MATRIX_SCHEMA = z.strictObject({
  starts: z.record(z.string().min(1), START).optional(),
  targets: names.optional(),
  checks: z.array(CHECK).optional(),
  on: z.string().min(1).optional(),
  concurrency: z.number().int().min(1).max(64).optional(),
  fresh: z.boolean().optional(),
  releases: z.boolean().optional(),
});
