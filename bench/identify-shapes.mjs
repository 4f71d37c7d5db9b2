import { SHAPES } from './shapes.mjs';

const FACTS_PER_REVISION = 4;

const graphOf = (revises) => (size) =>
  Array.from({ length: size }, (_, n) => ({ id: `r${n}`, revises: revises(n).map((p) => `r${p}`) }));
const number = ({ id }) => Number(id.slice(1));

const ownFacts = (n) =>
  Array.from(
    { length: FACTS_PER_REVISION },
    (_, k) => `column public.table_${n}.column_${k}: character varying(${k})`,
  );

/** Every revision adds four columns. */
const columns = (nodes) =>
  new Map(nodes.map((node) => [node.id, { revision: node.id, adds: ownFacts(number(node)), removes: [] }]));

/** Every revision changes the same column, back and forth between `shapes` types, and adds three. */
const oneColumn = (shapes) => (nodes) =>
  new Map(
    nodes.map((node) => {
      const n = number(node);
      const at = (i) => `column public.busy.state: character varying(${i % shapes})`;
      const adds = [...ownFacts(n).slice(1), at(n)];
      return [node.id, { revision: node.id, adds, removes: n === 0 ? [] : [at(n - 1)] }];
    }),
  );

/** A number between 0 and 1 that looks random and is the same in every run. */
const chance = (n) => {
  const x = Math.sin(n + 1) * 43758.5453;
  return x - Math.floor(x);
};

const half = (n, size) => n < size / 2;

/**
 * By name: how the revisions follow each other, what each does, and which revisions' facts are there. The last ones are
 * databases that no run of the graph leaves: what the evidence says above contradicts what it says below.
 */
export const CASES = {
  chain: [SHAPES.chain, columns, half],
  braid: [SHAPES.braid, columns, half],
  'wide fan': [graphOf((n) => (n === 0 ? [] : [0])), columns, (n) => n % 2 === 0],
  'many events on one fact': [SHAPES.chain, oneColumn(2), half],
  'one fact in many forms': [SHAPES.braid, oneColumn(100), half],
  'drift: near match': [SHAPES.braid, columns, (n, size) => half(n, size) !== chance(n) < 0.1],
  'drift: only the newest half': [SHAPES.chain, columns, (n, size) => !half(n, size)],
  'drift: only the newest': [SHAPES.chain, columns, (n, size) => n > size - 3],
  'drift: at random': [SHAPES.braid, columns, (n) => chance(n) < 0.5],
};
