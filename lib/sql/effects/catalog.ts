import type { Node } from 'libpg-query';
import { type MadeObject, madeBy, madeByText } from '../made.js';
import type { RelationName, Touch } from '../touch.js';
import { callsIn, constantsIn, nameIn, nodes } from '../tree.js';
import { on, type UnseenEffect } from './unseen.js';

/*
 * What is there under which name. Facts show what there is, but not that something has looked for it before: `to_regclass`, a query of
 * information_schema, IF NOT EXISTS. A part is named with its table.
 */

/** Who looks for it, or makes it, or builds upon it. */
const here = (name: RelationName | null): UnseenEffect[] => [
  ...on('catalog', name),
  ...on('definition', name),
];
const partOf = ({ schema, name }: RelationName, part: string): RelationName => ({
  schema,
  name: `${name}.${part}`,
});
const part = (name: RelationName, of: string): UnseenEffect[] => here(partOf(name, of));

/** Names of which a statement makes something, or takes it away. */
export function namesChanged(node: Node, touches: readonly Touch[]): UnseenEffect[] {
  return [...madeBy(node).flatMap(changed), ...touches.flatMap(gone)];
}

/** What is there once for all is not made a second time; a body has an effect of its own. */
function changed({ of, schema, name, parts }: MadeObject): UnseenEffect[] {
  if (of === 'schema' || of === 'extension' || of === 'function') return [];
  return of === 'part' ? (parts ?? []).flatMap((one) => part({ schema, name }, one)) : here({ schema, name });
}

function gone(touch: Touch): UnseenEffect[] {
  switch (touch.kind) {
    case 'drop':
      return here(touch.name);
    case 'rename':
      return [...here(touch.table), ...here(touch.to)];
    case 'rename-column':
      return [...part(touch.table, touch.column), ...part(touch.table, touch.to)];
    case 'alter':
      return touch.alterations.flatMap((one) =>
        one.kind === 'drop-column' ? part(touch.table, one.column) : [],
      );
    default:
      return [];
  }
}

/** Names that a statement looks for, or has to find. */
export function namesFound(node: Node, touches: readonly Touch[]): UnseenEffect[] {
  const found = touches.flatMap((touch) =>
    touch.kind === 'alter' || touch.kind === 'index' ? on('definition', touch.table) : [],
  );
  return asks(node) ? [...found, ...lookedFor(constantsIn(node))] : found;
}

function asks(node: Node): boolean {
  if (callsIn(node).some(({ called }) => /^to_reg/.test(called?.name ?? ''))) return true;
  for (const [kind, { schemaname, relname }] of nodes(node))
    if (kind === 'RangeVar' && (CATALOG.test(String(schemaname)) || /^pg_/.test(String(relname))))
      return true;
  return false;
}

const CATALOG = /^(information_schema|pg_catalog)$/;

/** A table, or a column of one: which of the constants is which, nobody knows. More of them are a list of values. */
function lookedFor(words: readonly string[]): UnseenEffect[] {
  const names = [...new Set(words)].slice(0, 20).flatMap((word) => nameIn(word) ?? []);
  return names.flatMap((name) => [
    ...on('catalog', name),
    ...names.flatMap((other) => on('catalog', partOf({ schema: null, name: name.name }, other.name))),
  ]);
}

/** The same of code, by its words. */
export function namesOfText(code: string): { changed: UnseenEffect[]; found: UnseenEffect[] } {
  const words = [...code.matchAll(/'((?:[^']|'')+)'/g)].map(([, word = '']) => word);
  return {
    changed: madeByText(code).flatMap(changed),
    found: ASKS.test(code) ? lookedFor(words) : [],
  };
}

const ASKS =
  /\bto_reg\w+\s*\(|\binformation_schema\s*\.|\bpg_(?:catalog|class|tables|views|indexes|attribute|constraint|type|enum|proc|namespace|trigger|policies)\b/i;
