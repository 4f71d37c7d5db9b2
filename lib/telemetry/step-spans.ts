import { type Context, type Span, SpanStatusCode, type Tracer } from '@opentelemetry/api';
import { withoutSecrets } from '../errors/secrets.js';
import { eventMessage } from '../listeners/message.js';
import type { Event, EventOf } from '../run/events.js';

/** The spans of the steps of one run. Steps run one after the other. */
export class StepSpans {
  readonly #tracer: Tracer;
  readonly #run: Span;
  readonly #parent: Context;
  #open: Span | null = null;

  /** @param parent the context of the run */
  constructor(tracer: Tracer, run: Span, parent: Context) {
    this.#tracer = tracer;
    this.#run = run;
    this.#parent = parent;
  }

  hear(event: Event): void {
    if (event.type === 'step-started') this.#begin(event);
    else if (event.type === 'step-finished') this.#close('done');
    else if (event.type === 'step-failed') this.#fail(event);
    else if (event.level === 'warn' || event.type === 'lock-waiting' || event.type === 'lock-obtained')
      (this.#open ?? this.#run).addEvent(event.type, {
        'revgraph.message': withoutSecrets(eventMessage(event)),
      });
  }

  /** A step that is open still: the run ended without a word of it. */
  end(): void {
    this.#open?.end();
    this.#open = null;
  }

  #begin({ revision, direction, number }: EventOf<'step-started'>): void {
    this.end();
    const attributes = {
      'db.system.name': 'postgresql',
      'revgraph.revision': revision,
      'revgraph.direction': direction,
      'revgraph.step': number,
    };
    this.#open = this.#tracer.startSpan('revgraph.step', { attributes }, this.#parent);
  }

  #close(outcome: 'done' | 'failed'): void {
    this.#open?.setAttribute('revgraph.outcome', outcome);
    this.end();
  }

  #fail({ code, sqlstate, reason }: EventOf<'step-failed'>): void {
    this.#open?.setAttributes({
      'error.type': sqlstate ?? code ?? 'Error',
      ...(sqlstate === null ? {} : { 'db.response.status_code': sqlstate }),
    });
    this.#open?.setStatus({ code: SpanStatusCode.ERROR, message: withoutSecrets(reason) });
    this.#close('failed');
  }
}
