import {
  context,
  type Meter,
  metrics,
  type Span,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { isRevgraphError } from '../errors/error.js';
import { withoutSecrets } from '../errors/secrets.js';
import { listenTo } from '../listeners/listen.js';
import type { Event, EventListener } from '../run/events.js';
import { LIBRARY_VERSION } from '../version.js';
import { countersOf } from './counters.js';
import { StepSpans } from './step-spans.js';

/** Where spans and counters go. */
export interface Telemetry {
  /** Default: the tracer `revgraph` of the global provider. */
  readonly tracer?: Tracer | undefined;
  /** Default: the meter `revgraph` of the global provider. */
  readonly meter?: Meter | undefined;
  /** Ends the name of the span of a run. Default: the name of the function, `boot` say. */
  readonly name?: string | undefined;
}

/** Options of a function that tells of a run. */
interface Told {
  readonly onEvent?: EventListener | undefined;
}

/**
 * A function of revgraph with spans and counters: `traced(boot)` takes what `boot` takes and gives what it gives.
 *
 * One span per call (`revgraph.boot`, `revgraph.upgrade`), a child span per step (`revgraph.step`), and three counters:
 * `revgraph.steps`, `revgraph.failures`, and `revgraph.lock.wait` in ms. Nothing that has a password is told. Without a provider
 * nothing is recorded.
 *
 * @param run `boot`, `upgrade`, `downgrade`, `undo`, `stamp`, `repair`, `workBackfills`: whatever takes `onEvent` and runs something
 * @throws what the function throws; the span keeps the code as `error.type`
 */
export function traced<O extends Told, R>(
  run: (options: O) => Promise<R>,
  telemetry: Telemetry = {},
): (options: O) => Promise<R> {
  const operation = telemetry.name ?? (run.name || 'run');
  return (options) => {
    // Asked for at every call: a program may set its providers up later than this line.
    const tracer = telemetry.tracer ?? trace.getTracer('revgraph', LIBRARY_VERSION);
    const counters = countersOf(telemetry.meter ?? metrics.getMeter('revgraph', LIBRARY_VERSION));
    const span = tracer.startSpan(`revgraph.${operation}`, {
      attributes: { 'db.system.name': 'postgresql' },
    });
    const inside = trace.setSpan(context.active(), span);
    const steps = new StepSpans(tracer, span, inside);
    const hear = listenTo({ onEvent: options.onEvent });
    const onEvent = (event: Event): void => {
      hear(event);
      if (event.type === 'planned')
        span.setAttributes({ 'revgraph.from': [...event.from], 'revgraph.to': [...event.to] });
      steps.hear(event);
      counters.hear(event);
    };
    return context.with(inside, async () => {
      try {
        const result = await run({ ...options, onEvent });
        span.setAttribute('revgraph.outcome', 'done');
        return result;
      } catch (error) {
        counters.failed(operation, error);
        fail(span, error);
        throw error;
      } finally {
        steps.end();
        span.end();
      }
    });
  };
}

function fail(span: Span, error: unknown): void {
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
  const told = { name, message: withoutSecrets(message) };
  span.setAttributes({
    'revgraph.outcome': 'failed',
    'error.type': isRevgraphError(error) ? error.code : name,
  });
  span.recordException(told);
  span.setStatus({ code: SpanStatusCode.ERROR, message: told.message });
}
