import type { Event } from '../../run/events.js';
import { xml } from '../graph/escape.js';
import { counted, duration } from '../words.js';
import { reportHtml, tableHtml } from './report.js';

/** How far a backfill was at a moment. */
interface Sample {
  /** ms since the record began. */
  readonly at: number;
  readonly perSecond: number;
  readonly size: number;
  readonly scanned: number;
}

/** A time in which the next batch waited. */
interface Wait {
  readonly from: number;
  /** Null while it lasts. */
  to: number | null;
  readonly reason: string;
}

/** What is kept of one backfill. */
export interface Course {
  readonly title: string;
  readonly total: number | null;
  samples: Sample[];
  readonly waits: Wait[];
  failed: number;
}

/** Of more than these every second one is left out: a picture has fewer columns. */
const MOST_SAMPLES = 2_000;

/** Hears the events of backfills, and keeps their course. @param now in ms */
export function recordCourses(now: () => number = Date.now): {
  readonly hear: (event: Event) => void;
  readonly courses: () => readonly Course[];
} {
  const courses = new Map<string, Course>();
  const begun = now();
  const courseOf = (revision: string, name: string, total: number | null): Course => {
    const title = name === '' ? revision : `${revision}, ${name}`;
    const course = courses.get(title) ?? { title, total, samples: [], waits: [], failed: 0 };
    courses.set(title, course);
    return course;
  };
  const endWait = ({ waits }: Course, at: number): void => {
    const last = waits.at(-1);
    if (last?.to === null) last.to = at;
  };
  const hear = (event: Event): void => {
    const at = now() - begun;
    if (event.type === 'backfill-throttled') {
      const course = courseOf(event.revision, event.name, null);
      endWait(course, at);
      course.waits.push({ from: at, to: null, reason: event.reason });
    }
    if (event.type !== 'backfill-progress') return;
    const { revision, name, total, perSecond, size, scanned, failed } = event;
    const course = courseOf(revision, name, total);
    endWait(course, at);
    course.samples.push({ at, perSecond, size, scanned });
    course.failed = failed;
    if (course.samples.length > MOST_SAMPLES)
      course.samples = course.samples.filter((_, n) => n % 2 === 1 || n === course.samples.length - 1);
  };
  return { hear, courses: () => [...courses.values()] };
}

/** Backfills as a page: rows per second and batch size over time, and when and why they waited. @returns HTML with a line end */
export function coursesHtml(courses: readonly Course[]): string {
  const body = courses.map(courseHtml).join('\n');
  return reportHtml('Backfills', `${counted(courses.length, 'backfill')} worked on.`, body);
}

function courseHtml({ title, total, samples, waits, failed }: Course): string {
  const last = samples.at(-1);
  const scanned = last?.scanned ?? 0;
  const end = Math.max(last?.at ?? 0, ...waits.map(({ from, to }) => to ?? from));
  const waited = waits.reduce((sum, { from, to }) => sum + ((to ?? end) - from), 0);
  const of = total === null ? '' : `${scanned.toLocaleString('en')} of `;
  const all = total ?? scanned;
  const rows = `${of}${counted(all, 'row', 'rows', all.toLocaleString('en'))}`;
  const sum = `${rows}, in ${duration(end)}; waited ${duration(waited)}; ${counted(failed, 'row')} failed`;
  const marks = waits.map(({ from, to }) => [from, to ?? end] as const);
  return `<h2>${xml(title)}</h2>
<p>${xml(sum)}</p>
${chart(
  'Rows per second',
  samples.map(({ at, perSecond }) => [at, perSecond]),
  marks,
  end,
)}
${chart(
  'Rows of a batch',
  samples.map(({ at, size }) => [at, size]),
  marks,
  end,
)}
${
  waits.length === 0
    ? ''
    : tableHtml(
        `Waits of ${title}`,
        ['Waited from', 'for', 'because'],
        waits.map(({ from, to, reason }) => [duration(from), duration((to ?? end) - from), xml(reason)]),
      )
}`;
}

const WIDTH = 1_000;
const HEIGHT = 160;

/** A line over time, with the times of waiting behind it. */
function chart(
  title: string,
  points: readonly (readonly [at: number, value: number])[],
  waits: readonly (readonly [from: number, to: number])[],
  end: number,
): string {
  const most = points.reduce((max, [, value]) => Math.max(max, value), 0);
  const x = (at: number): string => ((at / Math.max(end, 1)) * WIDTH).toFixed(1);
  const y = (value: number): string => (HEIGHT - (value / Math.max(most, 1)) * HEIGHT).toFixed(1);
  const line = points.map(([at, value]) => `${x(at)},${y(value)}`).join(' ');
  const bands = waits.map(
    ([from, to]) =>
      `<rect x="${x(from)}" y="0" width="${Math.max(1, Number(x(to)) - Number(x(from))).toFixed(1)}" height="${HEIGHT}" fill="var(--rule)"/>`,
  );
  const said = `${title}, at most ${most.toLocaleString('en', { maximumFractionDigits: 0 })}, over ${duration(end)}`;
  return `<h3>${xml(said)}</h3>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" width="100%" height="${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${xml(said)}">
${bands.join('')}<polyline points="${line}" fill="none" stroke="var(--good)" stroke-width="2" vector-effect="non-scaling-stroke"/>
</svg>`;
}
