import { SpanStatusCode } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type BootResult, boot, defineRevision, type Event, upgrade } from '../../lib/index.js';
import { traced } from '../../lib/subpaths/opentelemetry.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';

/* Spans and counters of real runs, kept in memory by the SDK. */

let database: TestDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.drop());

function kept() {
  const exporter = new InMemorySpanExporter();
  const spans = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const reader = new PeriodicExportingMetricReader({
    exporter: new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE),
    exportIntervalMillis: 3_600_000,
  });
  const meters = new MeterProvider({ readers: [reader] });
  return {
    telemetry: { tracer: spans.getTracer('test'), meter: meters.getMeter('test') },
    spans: (): ReadableSpan[] => exporter.getFinishedSpans(),
    /** Counter → its values and what they are of. */
    counters: async () => {
      const { resourceMetrics } = await reader.collect();
      const all = resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
      return Object.fromEntries(
        all.map(({ descriptor, dataPoints }) => [
          descriptor.name,
          dataPoints.map(({ value, attributes }) => ({ value: Number(value), ...attributes })),
        ]),
      );
    },
  };
}

const a = defineRevision({ revision: 'a', upgrade: 'CREATE TABLE a (id int)' });
const b = defineRevision({ revision: 'b', revises: 'a', upgrade: 'CREATE TABLE b (id int)' });
const fails = defineRevision({ revision: 'b', revises: 'a', upgrade: 'SELECT 1/0' });

test('a span for the run, and a child for every step', async () => {
  const { telemetry, spans, counters } = kept();
  const events: Event[] = [];
  const start = traced(boot, telemetry);
  const result: BootResult = await start({
    database: database.url,
    revisions: [a, b],
    onEvent: (event) => events.push(event),
  });
  expect(result).toMatchObject({ state: 'current', current: ['b'] });
  expect(events.filter(({ type }) => type === 'step-finished')).toHaveLength(2);
  const [first, second, run, ...more] = spans() as [ReadableSpan, ReadableSpan, ReadableSpan];
  expect(more).toEqual([]);
  expect([run.name, run.parentSpanContext, run.status.code]).toEqual([
    'revgraph.boot',
    undefined,
    SpanStatusCode.UNSET,
  ]);
  expect(run.attributes).toEqual({
    'db.system.name': 'postgresql',
    'revgraph.from': [],
    'revgraph.to': ['b'],
    'revgraph.outcome': 'done',
  });
  for (const step of [first, second]) {
    expect(step.name).toBe('revgraph.step');
    expect(step.parentSpanContext?.spanId).toBe(run.spanContext().spanId);
  }
  expect(second.attributes).toEqual({
    'db.system.name': 'postgresql',
    'revgraph.revision': 'b',
    'revgraph.direction': 'upgrade',
    'revgraph.step': 2,
    'revgraph.outcome': 'done',
  });
  expect(await counters()).toEqual({
    'revgraph.steps': [{ value: 2, 'revgraph.direction': 'upgrade', 'revgraph.outcome': 'done' }],
  });
});

test('a step that fails: its span and that of the run say why, and the error is thrown as it was', async () => {
  const { telemetry, spans, counters } = kept();
  const options = { database: database.url, revisions: [a, fails] };
  await expect(traced(upgrade, telemetry)(options)).rejects.toMatchObject({ code: 'step_failed' });
  const [, step, run] = spans() as [ReadableSpan, ReadableSpan, ReadableSpan];
  expect(step.attributes).toMatchObject({
    'revgraph.revision': 'b',
    'revgraph.outcome': 'failed',
    'error.type': '22012',
    'db.response.status_code': '22012',
  });
  expect(step.status).toEqual({ code: SpanStatusCode.ERROR, message: 'division by zero' });
  expect(run.attributes).toMatchObject({ 'revgraph.outcome': 'failed', 'error.type': 'step_failed' });
  expect(run.status.code).toBe(SpanStatusCode.ERROR);
  expect(run.events.map(({ name }) => name)).toEqual(['exception']);
  expect(await counters()).toEqual({
    'revgraph.steps': [
      { value: 1, 'revgraph.direction': 'upgrade', 'revgraph.outcome': 'done' },
      { value: 1, 'revgraph.direction': 'upgrade', 'revgraph.outcome': 'failed' },
    ],
    'revgraph.failures': [{ value: 1, 'revgraph.operation': 'upgrade', 'error.type': 'step_failed' }],
  });
});

test('a run that waits for the lock: how long is counted, and its span tells of whom', async () => {
  const { telemetry, spans, counters } = kept();
  const gate = new pg.Client({ connectionString: database.url });
  await gate.connect();
  await gate.query('SELECT pg_advisory_lock(7)');
  const gated = defineRevision({ revision: 'a', upgrade: 'SELECT pg_advisory_xact_lock(7)' });
  const on = { database: database.url, revisions: [gated] };
  let begun = (): void => {};
  const holds = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const first = upgrade({ ...on, onEvent: ({ type }) => type === 'step-started' && begun() });
  await holds;
  const second = traced(
    upgrade,
    telemetry,
  )({
    ...on,
    onEvent: ({ type }) => type === 'lock-waiting' && gate.query('SELECT pg_advisory_unlock(7)'),
  });
  await Promise.all([first, second]);
  await gate.end();
  const [run] = spans() as [ReadableSpan];
  expect(run.events.map(({ name }) => name)).toEqual(['lock-waiting', 'lock-obtained']);
  expect(run.events[0]?.attributes?.['revgraph.message']).toMatch(/^Waiting for the lock, held by revgraph/);
  const [waited] = (await counters())['revgraph.lock.wait'] ?? [];
  expect(waited?.value).toBeGreaterThan(0);
});

test('no password is told', async () => {
  const { telemetry, spans } = kept();
  const run = traced(
    async (_: { onEvent?: (event: Event) => void }) => {
      throw new Error('no answer from postgres://me:hunter2@host/db');
    },
    { ...telemetry, name: 'own' },
  );
  await expect(run({})).rejects.toThrow('hunter2');
  const [span] = spans() as [ReadableSpan];
  expect(span.name).toBe('revgraph.own');
  const told = JSON.stringify([span.attributes, span.events, span.status]);
  expect(told).toContain('postgres://me:…@host');
  expect(told).not.toContain('hunter2');
});

test('without a provider it runs all the same', async () => {
  const { steps } = await traced(upgrade)({ database: database.url, revisions: [a] });
  expect(steps).toHaveLength(1);
});
