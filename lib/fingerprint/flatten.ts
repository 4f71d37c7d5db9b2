/** A parenthesised part of an expression: operands with the operator between them, if it is the same everywhere. */
interface Group {
  readonly operands: readonly Operand[];
  readonly operator: 'AND' | 'OR' | null;
}

/** Text and groups in turn. */
type Operand = readonly (string | Group)[];

const NESTED = /\) (?:AND|OR) |(?:AND|OR) \(/;
const OPERATOR = / (AND|OR) /y;
const QUOTED = /'(?:[^']|'')*'|"(?:[^"]|"")*"/y;

/**
 * `a BETWEEN 1 AND 5 AND b` prints as `(((a >= 1) AND (a <= 5)) AND b)` where it was written, and as
 * `((a >= 1) AND (a <= 5) AND b)` after one dump and restore. The second form is stable: an AND inside an AND, an OR inside an
 * OR, is one of more operands.
 */
export function flatten(expression: string): string {
  if (!NESTED.test(expression)) return expression;
  return printed(read(expression, 0).group);
}

/** Reads up to the parenthesis that closes what begins at `from`, or to the end. */
function read(text: string, from: number): { group: Group; end: number } {
  const operands: (string | Group)[][] = [[]];
  const operators = new Set<string>();
  let plain = '';
  const flush = (): void => {
    if (plain !== '') operands.at(-1)?.push(plain);
    plain = '';
  };
  let at = from;
  while (at < text.length && text[at] !== ')') {
    OPERATOR.lastIndex = at;
    QUOTED.lastIndex = at;
    const operator = OPERATOR.exec(text)?.[1];
    const quoted = QUOTED.exec(text)?.[0];
    if (operator !== undefined) {
      flush();
      operators.add(operator);
      operands.push([]);
      at += operator.length + 2;
    } else if (text[at] === '(') {
      flush();
      const inner = read(text, at + 1);
      operands.at(-1)?.push(inner.group);
      at = inner.end + 1;
    } else {
      plain += quoted ?? text[at];
      at += quoted?.length ?? 1;
    }
  }
  flush();
  const [only] = operators;
  const operator = operators.size === 1 ? (only as 'AND' | 'OR') : null;
  // Where both stand side by side, as in no expression that PostgreSQL prints, nothing is taken apart.
  return operators.size > 1
    ? { group: { operands: [[text.slice(from, at)]], operator: null }, end: at }
    : { group: { operands: operands.flatMap((one) => spliced(one, operator)), operator }, end: at };
}

/** An operand that is nothing but a group with the same operator gives its own operands. */
function spliced(operand: Operand, operator: Group['operator']): readonly Operand[] {
  const [only] = operand;
  const isGroup = operand.length === 1 && typeof only === 'object';
  return isGroup && operator !== null && only.operator === operator ? only.operands : [operand];
}

function printed({ operands, operator }: Group): string {
  return operands
    .map((operand) =>
      operand.map((part) => (typeof part === 'string' ? part : `(${printed(part)})`)).join(''),
    )
    .join(` ${operator ?? ''} `);
}
