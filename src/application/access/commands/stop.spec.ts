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
});
