/** Of the page: it moves, finds and tells. It writes text only, never markup of what it shows. */
export const PAGE_SCRIPT = `'use strict';
const data = JSON.parse(document.getElementById('data').textContent);
const at = (id) => document.getElementById(id);
const stage = at('stage'), view = at('view'), list = at('list'), details = at('details'), find = at('find');
const byId = new Map(data.nodes.map((node) => [node.revision, node]));
const drawn = new Map([...view.querySelectorAll('.node')].map((g) => [g.dataset.id, g]));
const edges = [...view.querySelectorAll('.edge')];
const children = new Map(data.nodes.map((node) => [node.revision, []]));
for (const { from, to } of data.edges) children.get(from)?.push(to);
const parents = (id) => data.edges.filter((edge) => edge.to === id).map((edge) => edge.from).filter((from) => byId.has(from));
const el = (name, text, props = {}) => Object.assign(document.createElement(name), { textContent: text ?? '', ...props });

let scale = 1, left = 0, top_ = 0, chosen = null, database = 0;
const place = () => view.setAttribute('transform', 'translate(' + left + ' ' + top_ + ') scale(' + scale + ')');
const zoom = (factor, x = stage.clientWidth / 2, y = stage.clientHeight / 2) => {
  const next = Math.min(4, Math.max(0.02, scale * factor));
  left = x - (x - left) * (next / scale);
  top_ = y - (y - top_) * (next / scale);
  scale = next;
  place();
};
const fit = () => {
  scale = Math.min(1.25, stage.clientWidth / data.width, stage.clientHeight / data.height);
  left = (stage.clientWidth - data.width * scale) / 2;
  top_ = Math.max(0, (stage.clientHeight - data.height * scale) / 2);
  place();
};
const show = (id) => {
  const { x, y } = byId.get(id).box;
  if (scale < 0.6) scale = 1;
  left = stage.clientWidth / 2 - x * scale;
  top_ = stage.clientHeight / 2 - y * scale;
  place();
};
const inSight = (id) => {
  const { x, y } = byId.get(id).box;
  const [px, py] = [left + x * scale, top_ + y * scale];
  return scale >= 0.6 && px > 60 && py > 30 && px < stage.clientWidth - 60 && py < stage.clientHeight - 30;
};

const stateOn = (id, one) => {
  if (one === undefined) return byId.get(id).state;
  if (byId.get(id).state === 'unknown') return one.current.includes(id) ? 'unknown' : 'none';
  if (one.missed.includes(id)) return 'missed';
  if (one.edited.includes(id)) return 'edited';
  return one.seen.has(id) ? 'applied' : 'pending';
};
for (const one of data.databases) {
  one.seen = new Set(one.applied);
  one.last = new Map(one.entries.map((entry) => [entry.revision, entry]));
}
const paint = () => {
  const one = data.databases[database];
  if (one === undefined) return;
  for (const [id, g] of drawn) {
    g.classList.remove('none', 'applied', 'pending', 'missed', 'edited', 'unknown');
    g.classList.add(stateOn(id, one));
    const told = g.querySelector('.state');
    if (told !== null) told.textContent = stateOn(id, one) === 'none' ? '' : stateOn(id, one);
  }
  const pending = data.nodes.filter((node) => stateOn(node.revision, one) === 'pending').length;
  at('standing').textContent = one.database + ': ' + one.state + (one.release === null ? '' : ', release ' + one.release) + ', ' + one.applied.length + ' applied, ' + pending + ' pending';
};
const linkList = (title, ids) => {
  if (ids.length === 0) return [];
  const ul = el('ul');
  for (const id of ids) {
    const li = el('li'), button = el('button', id, { type: 'button' });
    button.addEventListener('click', () => choose(id, true));
    li.append(button);
    ul.append(li);
  }
  return [el('h3', title), ul];
};
const factList = (title, facts) => {
  if (facts == null || facts.length === 0) return [];
  const ul = el('ul');
  for (const fact of facts) {
    const li = el('li');
    li.append(el('code', fact));
    ul.append(li);
  }
  return [el('h3', title), ul];
};
const standing = (id) => {
  if (data.databases.length === 0) return [];
  const ul = el('ul');
  for (const one of data.databases) {
    const entry = one.last.get(id);
    const ran = entry === undefined ? '' : '; ' + entry.direction + ' ' + entry.outcome + ' ' + entry.startedAt.slice(0, 16).replace('T', ' ') + ' UTC by ' + entry.actor + ' on ' + entry.host + (entry.ms === null ? '' : ', ' + entry.ms + ' ms');
    ul.append(el('li', one.database + ': ' + stateOn(id, one) + (one.current.includes(id) ? ' (current)' : '') + ran));
  }
  return [el('h3', data.databases.length === 1 ? 'Database' : 'Databases'), ul];
};
const choose = (id, move, focus = false) => {
  const node = byId.get(id);
  if (node === undefined) return;
  if (chosen !== null) {
    drawn.get(chosen).classList.remove('chosen');
    drawn.get(chosen).tabIndex = -1;
  }
  for (const button of list.querySelectorAll('[aria-current]')) button.removeAttribute('aria-current');
  const g = drawn.get(id);
  chosen = id;
  g.classList.add('chosen');
  g.tabIndex = 0;
  for (const edge of edges) edge.classList.toggle('near', edge.dataset.from === id || edge.dataset.to === id);
  list.querySelector('[data-id="' + CSS.escape(id) + '"]')?.setAttribute('aria-current', 'true');
  if (move || !inSight(id)) show(id);
  if (focus) g.focus({ preventScroll: true });
  const close = el('button', 'Close', { type: 'button', className: 'close' });
  close.addEventListener('click', () => { details.hidden = true; g.focus({ preventScroll: true }); });
  const noFacts = node.adds == null && node.removes == null ? [el('p', 'No catalogue tells which facts it changed.', { className: 'soft' })] : [];
  details.replaceChildren(
    close, el('h2', id), el('p', node.message),
    ...[...node.labels.map((name) => 'label ' + name), ...node.releases.map((name) => 'release ' + name), ...(node.isHead ? ['head'] : [])].map((text) => el('p', text, { className: 'soft' })),
    ...(node.file === null ? [] : [el('p', node.file, { className: 'soft' })]),
    ...linkList('Parents', parents(id)), ...linkList('Children', children.get(id) ?? []),
    ...standing(id), ...factList('Adds', node.adds), ...factList('Removes', node.removes), ...noFacts,
  );
  details.hidden = false;
};

for (const [id, g] of drawn) {
  g.setAttribute('role', 'button');
  g.tabIndex = -1;
  g.addEventListener('keydown', (event) => {
    const go = { ArrowUp: () => parents(id)[0], ArrowDown: () => children.get(id)?.[0], ArrowLeft: () => beside(id, -1), ArrowRight: () => beside(id, 1), Enter: () => id, ' ': () => id }[event.key]?.();
    if (go === undefined) return;
    event.preventDefault();
    choose(go, false, true);
  });
}
const beside = (id, step) => {
  const { y, x } = byId.get(id).box;
  const row = data.nodes.filter((node) => Math.abs(node.box.y - y) < 2).sort((a, b) => a.box.x - b.box.x).map((node) => node.revision);
  return row[row.indexOf(id) + step] ?? undefined;
};
for (const node of [...data.nodes].reverse()) {
  const li = el('li'), button = el('button', '', { type: 'button' });
  button.dataset.id = node.revision;
  button.append(el('b', node.revision), ' ' + node.message);
  button.addEventListener('click', () => choose(node.revision, true));
  li.append(button);
  list.append(li);
}
const text = new Map(data.nodes.map((node) => [node.revision, [node.revision, node.message, ...node.labels, ...node.releases, node.file ?? ''].join(' ').toLowerCase()]));
const search = () => {
  const wanted = find.value.trim().toLowerCase();
  let count = 0, first = null;
  for (const li of list.children) {
    const id = li.firstChild.dataset.id, hit = wanted === '' || text.get(id).includes(wanted);
    li.hidden = !hit;
    drawn.get(id).classList.toggle('faint', !hit);
    if (hit) { count++; first = first ?? id; }
  }
  at('found').textContent = wanted === '' ? '' : count === 1 ? '1 revision' : count + ' revisions';
  return first;
};
find.addEventListener('input', search);
find.addEventListener('keydown', (event) => {
  const first = event.key === 'Enter' ? search() : null;
  if (first !== null) choose(first, true, true);
});
document.addEventListener('keydown', (event) => {
  if (event.key === '/' && document.activeElement !== find) { event.preventDefault(); find.focus(); }
  if (event.key === 'Escape') { find.value = ''; search(); details.hidden = true; }
});

let from = null, moved = false;
stage.addEventListener('pointerdown', (event) => { from = { x: event.clientX - left, y: event.clientY - top_, px: event.clientX, py: event.clientY, pointer: event.pointerId }; moved = false; });
stage.addEventListener('pointermove', (event) => {
  if (from === null) return;
  if (!moved && Math.hypot(event.clientX - from.px, event.clientY - from.py) < 4) return;
  if (!moved) { moved = true; stage.setPointerCapture(from.pointer); stage.classList.add('moving'); }
  left = event.clientX - from.x;
  top_ = event.clientY - from.y;
  place();
});
const drop = () => { from = null; stage.classList.remove('moving'); };
stage.addEventListener('pointerup', (event) => {
  const g = moved ? null : event.target.closest('.node');
  drop();
  if (g !== null) choose(g.dataset.id, false, true);
});
stage.addEventListener('pointercancel', drop);
stage.addEventListener('wheel', (event) => {
  event.preventDefault();
  const { left: x, top: y } = stage.getBoundingClientRect();
  zoom(Math.exp(-event.deltaY * 0.0015), event.clientX - x, event.clientY - y);
}, { passive: false });
at('in').addEventListener('click', () => zoom(1.3));
at('out').addEventListener('click', () => zoom(1 / 1.3));
at('fit').addEventListener('click', fit);
at('database')?.addEventListener('change', (event) => { database = Number(event.target.value); paint(); });
fit();
paint();
// Of many, the newest is where people look first.
const newest = data.nodes.findLast((node) => node.isCurrent) ?? data.nodes.findLast((node) => node.isHead) ?? data.nodes.at(-1);
if (newest !== undefined) {
  drawn.get(newest.revision).tabIndex = 0;
  if (scale < 0.75) { scale = 1; show(newest.revision); }
}
`;
