import { checksumCode, checksumSections, endsOf } from './checksum.js';
import type { Revision, RevisionBody } from './revision.js';
import { digestOfText } from './text.js';

/** SHA-256 of what a revision is, every character of it: shows cheaply that nothing changed at all. Null where that is not known. */
export function digestOf({ body }: Pick<Revision, 'body'>): string | null {
  if (body.digest !== undefined) return body.digest();
  return body.text === undefined ? null : digestOfText(body.text());
}

/**
 * The checksum of what an upgrade runs: tokens and the batches that they stand in. Comments, checks, the probe and the downgrade
 * may change afterwards. Runs no code.
 */
export async function upgradeChecksum(revision: Revision): Promise<string> {
  const { transaction, kind } = revision.header;
  const code = kind === 'code' ? revision.body.text?.() : revision.body.code;
  if (code !== undefined) return checksumCode(code, transaction);
  const body = await revision.body();
  const { upgrade } = body;
  const sql = upgrade === null || typeof upgrade === 'function' ? '' : upgrade.sql;
  const parts = [{ name: 'upgrade' as const, value: '', sql }, ...batchesOf(body)];
  return checksumSections(parts, transaction, { open: true });
}

/** What a batch is about; its title, its size and its place may change. */
function batchesOf(body: RevisionBody): { name: 'upgrade'; value: string; words: string[] }[] {
  if (body.kind !== 'sql') return [];
  return body.batches.map(({ title: _, size: __, sql: ___, line: ____, file: _____, ...counts }) => ({
    name: 'upgrade',
    value: '',
    words: [JSON.stringify(counts)],
  }));
}

/** What the ledger keeps of a revision that ran: the checksum of its upgrade part, and the digest by which an edit is ruled out. */
export async function recordedChecksum(revision: Revision): Promise<string> {
  const digest = digestOf(revision);
  const checksum = await upgradeChecksum(revision);
  return digest === null ? checksum : `${checksum} ${digest}`;
}

/**
 * Whether a revision is what was recorded of it. What has the same digest is not read closer.
 * @param recorded see {@link recordedChecksum}; earlier versions recorded the checksum of the whole revision, and no digest
 */
export async function isAsRecorded(revision: Revision, recorded: string): Promise<boolean> {
  const [checksum, digest] = recorded.split(' ');
  if (digest !== undefined && digest === digestOf(revision)) return true;
  if (checksum === (await upgradeChecksum(revision))) return true;
  return (
    digest === undefined && revision.header.kind !== 'code' && checksum === (await revision.body()).checksum
  );
}

/**
 * What lasts as long as the step in which it stands, or may do something that does: in one step with others it means something else
 * to those.
 */
const OF_A_STEP =
  /^(do|call|select|with|execute|set|reset|discard|prepare|deallocate|declare|listen|begin|start|commit|end|rollback|savepoint|lock)$/;
const ANYWHERE = /^(set_config|pg_settings|temp|temporary|pg_temp|u&.*)$/;

/**
 * Which of those that ran a revision holds: its upgrade is theirs, statement for statement, in the order in which they ran, and
 * none in between is left out. None where one statement is left over, or where one of them sets or makes something for its step.
 * Linear in its text.
 * @param ran in the order in which they ran, with what was recorded of each, see {@link recordedChecksum}
 */
export async function holdsInOrder(
  revision: Revision,
  ran: readonly { readonly revision: string; readonly checksum: string }[],
): Promise<string[]> {
  const body = await revision.body();
  if (body.kind !== 'sql' || body.upgrade === null || body.batches.length > 0) return [];
  const checksums = ran.map(({ checksum }) => checksum.split(' ')[0] as string);
  const held: number[] = [];
  for (let rest = body.upgrade.sql; ; ) {
    let next: { at: number; end: number } | null = null;
    let isEmpty = true;
    for (const { end, checksum, words } of endsOf(rest, revision.header.transaction)) {
      isEmpty = false;
      if (OF_A_STEP.test(words[0] ?? '') || words.some((word) => ANYWHERE.test(word))) return [];
      const last = held.at(-1);
      const at = last === undefined ? checksums.indexOf(checksum) : last + 1;
      if (at === -1 || checksums[at] !== checksum) continue;
      next = { at, end };
      break;
    }
    if (isEmpty) return held.map((at) => ran[at]?.revision as string);
    if (next === null) return [];
    held.push(next.at);
    rest = rest.slice(next.end);
  }
}
