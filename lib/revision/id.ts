/** Words of targets. An id of that name could never be meant. */
const RESERVED: ReadonlySet<string> = new Set(['head', 'heads', 'base', 'current']);

const LEGAL = /^[A-Za-z0-9_.]{1,64}$/;

/** What is wrong with an id, as a problem code, or null. `__proto__`, `constructor` and `10` are ordinary ids. */
export function idProblem(id: string): 'illegal_revision_id' | 'reserved_id' | null {
  if (!LEGAL.test(id)) return 'illegal_revision_id';
  return RESERVED.has(id) ? 'reserved_id' : null;
}
