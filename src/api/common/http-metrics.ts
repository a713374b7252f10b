import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';

/** A registry with the process's own metrics; one per process. */
export function createRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

/** Durations by route template, never by path: an id in a label would make a series per object. */
export function httpHistogram(registry: Registry): Histogram<'method' | 'route' | 'status'> {
  return new Histogram({
    name: 'aiclearance_http_request_duration_seconds', help: 'Time to answer an HTTP request, by route template and status.', labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10], registers: [registry],
  });
}
