import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { SITE, type TestProduct } from '../../support/product.js';
import type { VendorControl } from '../../support/vendor.js';
import { until } from '../../support/until.js';

const seenShape = z.object({
  request_id: z.string(), account_id: z.string(), status: z.string(), start_evidence: z.string().nullable(), end_evidence: z.string().nullable(), observed: z.string().nullable(),
  external_group_id: z.string().nullable(), manual_id: z.string().nullable(), manual_reason: z.string().nullable(), manual_kind: z.string().nullable(), job_id: z.string().nullable(),
});
export type SeenGrant = z.infer<typeof seenShape>;
const stateShape = z.object({ groups: z.array(z.object({ id: z.string(), members: z.array(z.string()) })) });

const LOOK = `
  SELECT g.request_id, g.account_id, g.status, g.start_evidence, g.end_evidence, m.observed, g.external_group_id, a.id AS manual_id, a.reason AS manual_reason, a.kind AS manual_kind, a.job_id
  FROM access_grant g LEFT JOIN membership m ON m.id = g.membership_id LEFT JOIN manual_action a ON a.grant_id = g.id AND a.status = 'open' WHERE g.site_id = $1`;

/**
 * Looks at all grants again and again, and at the vendor's own members in between: a grant that is active before and after a look at the vendor, whose
 * person the vendor does not list, or that is active without a read-back, is kept as a violation (N1, F8).
 */
export class GrantWatch {
  readonly violations: string[] = [];
  looks = 0;
  private readonly grants = new Map<string, SeenGrant>();
  private readonly stopping = new AbortController();
  private readonly watching: Promise<void>;

  constructor(private readonly product: TestProduct, private readonly vendors: readonly VendorControl[] = [product.oktaControl], private readonly everyMs = 300) {
    this.watching = this.watch();
  }

  grant(requestId: string): SeenGrant | undefined { return this.grants.get(requestId); }
  until(what: string, requestId: string, holds: (grant: SeenGrant) => boolean, timeoutMs = 60_000): Promise<SeenGrant> {
    return until(`${what} (${requestId})`, () => {
      const grant = this.grants.get(requestId);
      return grant !== undefined && holds(grant) ? grant : undefined;
    }, { timeoutMs, everyMs: 50 }).catch((error: unknown) => {
      throw new Error(`${what}: last seen ${JSON.stringify(this.grants.get(requestId))}`, { cause: error });
    });
  }
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.watching;
  }

  private async watch(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      await this.look();
      await sleep(this.everyMs, undefined, { signal: this.stopping.signal }).catch(() => undefined); // stopped: no need to wait
    }
  }
  private async look(): Promise<void> {
    const before = await this.read();
    const groups = (await Promise.all(this.vendors.map(async (vendor) => stateShape.parse(await vendor.send('GET', 'state')).groups))).flat();
    const after = await this.read();
    const members = new Map(groups.map(({ id, members: logins }) => [id, new Set(logins)]));
    for (const [requestId, grant] of after) {
      this.grants.set(requestId, grant);
      if (grant.status !== 'active' || before.get(requestId)?.status !== 'active' || grant.external_group_id === null) continue;
      if (grant.start_evidence !== 'readBack' || grant.observed !== 'present') this.violations.push(`${requestId} is active without a read-back`);
      if (members.get(grant.external_group_id)?.has(`${grant.account_id}@acme.example`) !== true) this.violations.push(`${requestId} is active and the vendor does not list the person`);
    }
    this.looks += 1;
  }
  private async read(): Promise<Map<string, SeenGrant>> {
    const rows = z.array(seenShape).parse(await this.product.sql(LOOK, [SITE]));
    return new Map(rows.map((row) => [row.request_id, row]));
  }
}
