import { randomUUID } from 'node:crypto';
import { AccessModel } from '../../../../test/decisions/access-model.js';
import type { ConvergeResult } from '../../../domain/provisioning/provisioning.js';
import { applyStep } from '../steps.js';

const approver = { accountId: 'bob', isAdmin: false };
const UNREADABLE: ConvergeResult = { status: 'manual', observed: 'unknown', readAt: null, write: 'none', code: 'provider.unauthorized', detail: '', retryAfterMs: null, providerRequestId: null };

/** Somebody says that the access is gone, and the provider can't be asked. */
class Unreadable extends AccessModel {
  async attest(requestId: string, manualActionId: string): Promise<void> {
    const id = randomUUID();
    this.record.command(id, requestId, { operation: 'completeManualAction', caller: approver, manualActionId, outcome: 'deprovisioned', note: null });
    await this.follow(requestId, () => applyStep(this.deps, 'acme', id, null));
    await this.follow(requestId, () => applyStep(this.deps, 'acme', id, UNREADABLE));
  }
}

describe('a removal that a person attests because the provider can not be read (SPEC F7, F8)', () => {
  it('ends the access as attested, and calls no lost answer resolved that nobody has read', async () => {
    const model = new Unreadable();
    await model.ask('ann', 'chatgpt', 30, []);
    const [requestId = ''] = model.requests;
    await model.send(requestId, { operation: 'decide', caller: approver, decision: 'approve', comment: null, durationDays: null });
    await model.attempt(requestId, 'losesTheAnswer');
    await model.send(requestId, { operation: 'revoke', caller: approver, comment: null });
    await model.attempt(requestId, 'isRefused');
    await model.pass(60_000);
    const [action] = [...model.record.tables.manualActions.values()].filter(({ status }) => status === 'open');
    await model.attest(requestId, action?.id ?? '');
    expect([model.record.grantOf(requestId)?.status, model.record.grantOf(requestId)?.endEvidence]).toEqual(['revoked', 'attested']);
    expect(model.record.tables.audits.filter((entry) => entry.action === 'membership.outcome_resolved')).toEqual([]);
    const [add] = [...model.record.tables.intents.values()];
    expect(add).toMatchObject({ desired: 'present', endedAt: null });
  });
});
