import type { Node } from 'libpg-query';
import { type Cut, Cutter } from './cutter.js';
import { isUnfinished, loadParser, MOST_PARSED, type Parse } from './parser.js';

/** The trees of all statements of a text; null where it can't be parsed. */
export async function treesOf(sql: string): Promise<readonly Node[] | null> {
  const parse = await loadParser();
  const cutter = new Cutter(sql);
  const trees: Node[] = [];
  for (let cut = cutter.next(false); cut !== null; cut = cutter.next(false)) {
    const tree = treeAt(parse, sql, cutter, cut);
    if (tree === null) return null;
    trees.push(tree);
  }
  return cutter.failure === null ? trees : null;
}

/** A statement goes on behind its first semicolon as long as the parser says that more has to follow. */
function treeAt(parse: Parse, sql: string, cutter: Cutter, first: Cut): Node | null {
  for (let cut: Cut | null = first; cut !== null; cut = cutter.longer(cut)) {
    if (cut.next - cut.start > MOST_PARSED) return null;
    const tree = parse(sql.slice(cut.start, cut.next), cut.backslashes);
    if (!('reason' in tree)) return tree;
    if (!isUnfinished(tree) || cut.next === cut.end) return null;
  }
  return null;
}
