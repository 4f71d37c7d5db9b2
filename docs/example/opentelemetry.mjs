/*
 * A start with spans and counters, on the console. A service has an SDK of its own, with exporters for where it sends them.
 *
 *   DATABASE_URL=postgresql://me@host/db node docs/example/opentelemetry.mjs
 */
import { metrics, trace } from '@opentelemetry/api';
import { ConsoleMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, ConsoleSpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import pg from 'pg';
import { boot } from 'revgraph';
import { traced } from 'revgraph/opentelemetry';

const { DATABASE_URL, REVISIONS = 'revisions' } = process.env;
const spans = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(new ConsoleSpanExporter())] });
const meters = new MeterProvider({
  readers: [new PeriodicExportingMetricReader({ exporter: new ConsoleMetricExporter() })],
});
trace.setGlobalTracerProvider(spans);
metrics.setGlobalMeterProvider(meters);

const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 4 });
try {
  await traced(boot)({ database: pool, revisions: REVISIONS });
} finally {
  await Promise.all([pool.end(), spans.shutdown(), meters.shutdown()]);
}
