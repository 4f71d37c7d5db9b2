/** A state on paper: what fills it, what frames it, and its text; light, and dark. */
export interface Colours {
  readonly fill: string;
  readonly line: string;
  readonly text: string;
}

/** Contrast of text on its fill is 7:1 and more, of the frame on the page 3:1. */
export const LIGHT: Readonly<Record<string, Colours>> = {
  none: { fill: '#ffffff', line: '#5b6472', text: '#1b1f24' },
  applied: { fill: '#d3f2dc', line: '#2a7d46', text: '#10331d' },
  pending: { fill: '#fff3cd', line: '#9a7200', text: '#3d2e00' },
  missed: { fill: '#fbd5d5', line: '#b3261e', text: '#4a0f0c' },
  edited: { fill: '#ffe3cf', line: '#b45309', text: '#4a2204' },
  unknown: { fill: '#e5e7eb', line: '#6b7280', text: '#1f2937' },
};

export const DARK: Readonly<Record<string, Colours>> = {
  none: { fill: '#22272e', line: '#9aa4b2', text: '#e6edf3' },
  applied: { fill: '#12351f', line: '#4cc274', text: '#d5f5df' },
  pending: { fill: '#3a2f08', line: '#d9a514', text: '#ffeeb8' },
  missed: { fill: '#4a1614', line: '#ff7b72', text: '#ffdcd7' },
  edited: { fill: '#46270c', line: '#f0883e', text: '#ffe0c7' },
  unknown: { fill: '#2d333b', line: '#8b949e', text: '#dde3ea' },
};

export const coloursOf = (state: string | null): Colours => LIGHT[state ?? 'none'] ?? (LIGHT.none as Colours);
