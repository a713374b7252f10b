import { startModel } from '../../../../test/decisions/mass-model.js';

describe('stop', () => {
  it('denies what nobody decided, once, and says whose doing it was', async () => {
    const model = await startModel();
    expect(await model.send('cmd-1', 'stop')).toBe('ok');
    expect(await model.send('cmd-1', 'stop')).toBe('ok');
    expect(model.record.request(model.requestId)).toMatchObject({ decision: 'denied', decisionSource: 'killSwitch' });
    expect(model.record.tables.audits.filter(({ action }) => action === 'request.denied')).toMatchObject([{ actor: { kind: 'system', name: 'kill-switch' }, subject: { massActionId: 'ks-1' } }]);
  });

  it('does nothing once its block was ended, or when a restore spared it', async () => {
    for (const over of [{ inForce: false }, { outcome: 'spared' as const }]) {
      const model = await startModel(over);
      expect(await model.send('cmd-1', 'stop')).toBe('mass_action.not_in_force');
      expect(model.record.request(model.requestId).decision).toBe('pending');
    }
  });
});

describe('restore', () => {
  it('gives back nothing that this mass action did not stop', async () => {
    const model = await startModel();
    expect(await model.send('cmd-1', 'restore')).toBe('restore.not_ours');
  });

  it('keeps a survivor that another block stops for a later command, and settles any other refusal for good', async () => {
    const model = await startModel({}, 'autoApprove');
    const { record, requestId } = model;
    expect(await model.send('cmd-1', 'stop')).toBe('ok');
    expect(record.grantOf(requestId)).toMatchObject({ status: 'revoked', endReason: 'killSwitch' });
    const restoring = { source: 'killSwitch', reason: 'incident 7', remainingMs: 86_400_000, outcome: 'stopped', inForce: false, restoring: true } as const;
    record.massActionItems.set(`ks-1/${requestId}`, restoring);
    const { premises } = record;
    record.premises = { ...premises, policy: { ...premises.policy, blocks: [{ scope: 'person', key: 'ann', source: 'leaver', reason: 'left' }] } };
    expect(await model.send('cmd-2', 'restore')).toBe('access.blocked');
    expect(record.massActionItems.get(`ks-1/${requestId}`)).toMatchObject({ restoring: true });
    record.premises = premises;
    expect(await model.send('cmd-2', 'restore')).toBe('access.blocked'); // a command keeps its result
    expect(await model.send('cmd-3', 'restore')).toBe('ok');
    expect(record.grantOf(requestId)).toMatchObject({ status: 'active', endReason: null });

    expect(await model.send('cmd-4', 'restore')).toBe('restore.not_ours');
    record.massActionItems.set(`ks-1/${requestId}`, restoring);
    expect(await model.send('cmd-5', 'restore')).toBe('restore.not_ours'); // open again, so not ended by this one
    expect(record.massActionItems.get(`ks-1/${requestId}`)).toMatchObject({ restoring: false });
  });
});
