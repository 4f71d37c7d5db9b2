import type { MatrixPath, MatrixResult } from '../matrix/result.js';
import { failureLines } from './matrix-cells.js';

/** A matrix as JUnit XML: a suite, with a case per path. */
export function matrixJunit({ paths, ms }: MatrixResult): string {
  const failed = paths.filter(({ ok }) => !ok).length;
  const sums = `tests="${paths.length}" failures="${failed}" errors="0" time="${seconds(ms)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${sums}>`,
    `  <testsuite name="revgraph matrix" ${sums}>`,
    ...paths.flatMap(caseLines),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function caseLines(path: MatrixPath): string[] {
  const open = `    <testcase classname="${attribute(path.start)}" name="${attribute(`${path.start} → ${path.target}`)}" time="${seconds(path.ms)}"`;
  const inner = [
    ...(path.ok
      ? []
      : [
          `      <failure type="${attribute(path.failures[0]?.code ?? path.failures[0]?.stage ?? '')}" message="${attribute(firstLine(path))}">${xml(failureLines(path).join('\n'))}</failure>`,
        ]),
    ...(path.refused === null
      ? []
      : [`      <system-out>refused: ${xml(path.refused.message)}</system-out>`]),
  ];
  return inner.length === 0 ? [`${open}/>`] : [`${open}>`, ...inner, '    </testcase>'];
}

const firstLine = (path: MatrixPath): string => failureLines(path)[0]?.split('\n')[0] ?? '';

const seconds = (ms: number): string => (ms / 1000).toFixed(3);

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text for XML 1.0. What XML can't hold (control characters, half a pair) becomes `?`. */
function xml(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      .replace(/[\u0000-\u0008\u000b-\u001f\ufffe\uffff]|\p{Surrogate}/gu, '?')
      .replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character)
  );
}

/** A line break in an attribute would become a blank. */
const attribute = (text: string): string => xml(text).replaceAll('\n', '&#10;');
