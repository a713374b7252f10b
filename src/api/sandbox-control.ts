import type { DataSource } from 'typeorm';
import { portalRequestAnswer } from '../contracts/sandbox.contract.js';
import type { SandboxControl } from '../application/ports/api-commands.port.js';
import type { AccessEngine } from '../application/ports/engine.port.js';
import type { SiteConnections } from '../application/ports/site-connections.port.js';
import type { SweepStore } from '../application/ports/sweep-store.port.js';
import { wakeAll } from '../application/sweeps/sweeps.js';
import { advanceClock } from '../persistence/stores/sandbox-clock.store.js';
import type { PgUnitOfWork } from '../persistence/unit-of-work.js';
import { worldPeople } from '../sandbox/world.js';

interface ControlDeps { readonly dataSource: DataSource; readonly uow: PgUnitOfWork; readonly sweeps: SweepStore; readonly engine: AccessEngine; readonly sites: SiteConnections }

/** What the sandbox routes do: play the portal at the sandbox Jira, and move domain time (API.md). Exists in sandbox mode only. */
export const createSandboxControl = (deps: ControlDeps): SandboxControl => ({
  async createPortalRequest(input) {
    const person = worldPeople.find((candidate) => candidate.accountId === input.accountId);
    const site = await deps.sites.jiraOf(person?.siteId ?? worldPeople[0]?.siteId ?? '');
    if (site === null) throw new Error('the sandbox site has no Jira');
    const answer = await fetch(`${site.baseUrl}/_control/portal-requests`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(input), signal: AbortSignal.timeout(5_000) });
    if (!answer.ok) throw new Error(`the sandbox Jira refused the portal request with ${answer.status}`);
    return portalRequestAnswer.parse(await answer.json());
  },
  async advanceClock(advanceHours) {
    const now = await advanceClock(deps.dataSource, advanceHours * 3_600_000);
    let woken = 0;
    for (const siteId of await deps.sweeps.siteIds()) {
      await deps.uow.run(siteId, (tx) => tx.audit({ action: 'clock.advanced', actor: { kind: 'system', name: 'sandbox' }, subject: {}, data: { advanceHours } }));
      let after = '';
      for (;;) {
        const afterId = after;
        const open = await deps.uow.run(siteId, (tx) => deps.sweeps.openRequests(tx, afterId, 200));
        woken += await wakeAll(deps, siteId, open, 'clockMoved');
        after = open.at(-1)?.requestId ?? '';
        if (open.length < 200) break;
      }
    }
    return { now: now.toISOString(), woken };
  },
});
