const [WIDTH, NAMES, BAR, GAP] = [720, 150, 18, 8];
const escaped = (text) => text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** Bars beside the floor as SVG: their length is the ratio, in dark and light surroundings. */
export function bars(rows) {
  const most = Math.max(...rows.map(({ ratio }) => ratio));
  const scale = (WIDTH - NAMES - 60) / most;
  const height = rows.length * (BAR + GAP) + GAP;
  const lines = rows.map(({ name, ratio }, n) => {
    const y = GAP + n * (BAR + GAP);
    const width = Math.max(1, ratio * scale).toFixed(1);
    const kind = n === 0 ? 'floor' : name === 'revgraph' || name === 'boot()' ? 'own' : 'peer';
    return `<text x="${NAMES - 8}" y="${y + 13}" text-anchor="end">${escaped(name)}</text><rect class="${kind}" x="${NAMES}" y="${y}" width="${width}" height="${BAR}"/><text x="${(NAMES + Number(width) + 6).toFixed(1)}" y="${y + 13}">${ratio.toFixed(2)}</text>`;
  });
  const floor = (NAMES + scale).toFixed(1);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="ratios: ${escaped(rows.map(({ name, ratio }) => `${name} ${ratio.toFixed(2)}`).join(', '))}">
<style>text{font:12px system-ui,sans-serif;fill:#24292f}.floor{fill:#8c959f}.own{fill:#0969da}.peer{fill:#c3cbd4}line{stroke:#8c959f;stroke-dasharray:3 3}@media (prefers-color-scheme:dark){text{fill:#e6edf3}.peer{fill:#484f58}.own{fill:#4493f8}}</style>
<line x1="${floor}" x2="${floor}" y1="0" y2="${height}"/>
${lines.join('\n')}
</svg>
`;
}
