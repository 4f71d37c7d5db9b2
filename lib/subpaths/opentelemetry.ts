/** Spans and counters of runs. Needs the package `@opentelemetry/api`. */
export { type Telemetry, traced } from '../telemetry/traced.js';
