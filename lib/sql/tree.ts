import type { Node, RangeVar, TypeName as TypeNode } from 'libpg-query';
import type { RelationName, TypeName } from './touch.js';

/** A relation as a FROM clause or a command names it. */
export function relation(range: RangeVar | undefined): RelationName | null {
  return range?.relname === undefined ? null : { schema: range.schemaname || null, name: range.relname };
}

/** `CreateStmt`, `InsertStmt` … */
export const kindOf = (node: Node): string => Object.keys(node)[0] ?? '';

/** The relation of a node that is one, as in the list of a command. */
export const relationIn = (node: Node | undefined): RelationName | null =>
  node !== undefined && 'RangeVar' in node ? relation(node.RangeVar) : null;

/** The body of a function, in whatever language; one that is parsed (BEGIN ATOMIC) is no text. */
export function functionBody(node: Node): string {
  const bodies: string[] = [];
  for (const [kind, value] of nodes(node)) {
    const { defname, arg } = (kind === 'DefElem' ? value : {}) as { defname?: string; arg?: Node };
    if (defname === 'as' && arg !== undefined)
      bodies.push(text(arg), ...('List' in arg ? (arg.List.items ?? []).map(text) : []));
  }
  return bodies.join('\n');
}

/** The text of a string node, else ''. */
export function text(node: Node | undefined): string {
  return node !== undefined && 'String' in node ? (node.String.sval ?? '') : '';
}

/** `schema.name` or `name` as a list of strings; longer ones name the database first. */
export function dotted(nodes: readonly Node[] | undefined): RelationName | null {
  const parts = (nodes ?? []).map(text);
  const name = parts.at(-1);
  return name === undefined || name === '' ? null : { schema: parts.at(-2) || null, name };
}

/** The same where a list or a single string stands. */
export function named(node: Node | undefined): RelationName | null {
  if (node === undefined) return null;
  if ('List' in node) return dotted(node.List.items);
  if ('TypeName' in node) return dotted(node.TypeName.names);
  return dotted([node]);
}

/** The same where arguments may stand behind the name, as in `f(int)`. */
export const signed = (node: Node | undefined): RelationName | null =>
  node !== undefined && 'ObjectWithArgs' in node ? dotted(node.ObjectWithArgs.objname) : named(node);

/** A type as written. */
export function typeName(type: TypeNode | undefined): TypeName | null {
  const name = dotted(type?.names);
  if (type === undefined || name === null) return null;
  const modifiers = (type.typmods ?? []).map((node) =>
    'A_Const' in node && node.A_Const.ival !== undefined ? (node.A_Const.ival.ival ?? 0) : Number.NaN,
  );
  return { ...name, modifiers, array: (type.arrayBounds ?? []).length > 0 };
}

/** Every node of a tree with the name of its kind, outermost first. Explicit stack: expressions may be deep. */
export function* nodes(root: unknown): Generator<readonly [kind: string, value: Record<string, unknown>]> {
  const open: unknown[] = [root];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next !== 'object' || next === null) continue;
    if (Array.isArray(next)) {
      for (let i = next.length - 1; i >= 0; i--) open.push(next[i]);
      continue;
    }
    for (const value of Object.values(next).reverse()) open.push(value);
    for (const [key, value] of Object.entries(next))
      if (/^[A-Z]/.test(key) && typeof value === 'object' && value !== null && !Array.isArray(value))
        yield [key, value as Record<string, unknown>];
  }
}

/** The call of a function. */
export interface Call {
  readonly called: RelationName | null;
  readonly args: readonly Node[];
}

/** The string constants anywhere in a tree. */
export function constantsIn(root: unknown): string[] {
  const found: string[] = [];
  for (const [kind, value] of nodes(root)) {
    const { sval } = (kind === 'A_Const' ? value : {}) as { sval?: { sval?: string } };
    if (sval?.sval !== undefined) found.push(sval.sval);
  }
  return found;
}

/** The calls of functions anywhere in a tree. */
export function callsIn(root: unknown): Call[] {
  const found: Call[] = [];
  for (const [kind, { funcname, args = [] }] of nodes(root))
    if (kind === 'FuncCall') found.push({ called: dotted(funcname as Node[]), args: args as Node[] });
  return found;
}

/** Names of the functions that are called anywhere in a tree. */
export function calls(root: unknown): string[] {
  return callsIn(root).map(({ called }) => called?.name ?? '');
}

/** The text of a DO block. */
export function codeOf(node: Node): string {
  for (const [kind, value] of nodes(node)) {
    const { defname, arg } = (kind === 'DefElem' ? value : {}) as { defname?: string; arg?: Node };
    if (defname === 'as') return text(arg);
  }
  return '';
}

/** A name as it is written in SQL. */
export function nameIn(written: string): RelationName | null {
  const parts = [...written.matchAll(/"((?:[^"]|"")+)"|([^\s".]+)/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? (plain as string).toLowerCase(),
  );
  const name = parts.at(-1);
  return name === undefined ? null : { schema: parts.at(-2) ?? null, name };
}
