import { Registry } from 'prom-client';
import { serveMetrics } from './metrics-server.js';
import { createPaceMetrics } from './pace-metrics.js';

describe('a worker\'s metrics', () => {
  it('tell how calls wait, which are sent away and what pauses providers ask for, on their own port and nothing else', async () => {
    const registry = new Registry();
    const events = createPaceMetrics(registry);
    events.waited('okta/acme.okta.com', 'removal', 120);
    events.refused('okta/acme.okta.com', 'read', 'pause');
    events.paused('okta/acme.okta.com', 40_000);
    events.unshared('okta/acme.okta.com', new Error('away'));
    const server = await serveMetrics(registry, { host: '127.0.0.1', port: 0 });
    try {
      const text = await (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text();
      expect(text).toContain('aiclearance_provider_turn_wait_seconds_bucket{le="0.2",tenant="okta/acme.okta.com",priority="removal"} 1');
      expect(text).toContain('aiclearance_provider_turns_refused_total{tenant="okta/acme.okta.com",priority="read",because="pause"} 1');
      expect(text).toContain('aiclearance_provider_pause_seconds_total{tenant="okta/acme.okta.com"} 40');
      expect(text).toContain('aiclearance_provider_budget_unshared_total{tenant="okta/acme.okta.com"} 1');
      expect((await fetch(`http://127.0.0.1:${server.port}/`)).status).toBe(404);
      expect((await fetch(`http://127.0.0.1:${server.port}/metrics`, { method: 'POST' })).status).toBe(404);
    } finally {
      await server.stop();
    }
  });
});
