import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The files that take longest, the longest first: one of them that begins last has a worker to itself while the other one idles. */
const SLOWEST = [
  'commands/histories',
  'backfill/batches',
  'evidence/building/kept',
  'run/doubt',
  'testing/project-matrix',
  'evidence/repair-order',
  'cli/advices-typed',
  'run/session-state',
  'reference/squash',
  'backfill/crash',
  'evidence/drift-property',
  'commands/identify',
  'commands/doctor',
  'testing/test-database',
  'cli/errors',
  'boot/replicas',
  'cli/documents',
  'testing/chaos',
  'cli/matrix',
  'cli/embedded',
].map((name) => `/test/${name}.test.ts`);

const rankOf = ({ moduleId }: TestSpecification): number => {
  const rank = SLOWEST.findIndex((name) => moduleId.endsWith(name));
  return rank === -1 ? SLOWEST.length : rank;
};

/** Vitest knows how long files took where it has run before; in a new clone it goes by their size. */
export class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).sort((a, b) => rankOf(a) - rankOf(b));
  }
}
