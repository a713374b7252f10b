import fc from 'fast-check';
import { reachable } from '../../../test/decisions/transitions.js';
import { canonicalContent, DECISION_TRANSITIONS, DECISIONS, type RequestContent } from './request.js';

describe('the decision of a request', () => {
  it('starts pending and reaches every state', () => {
    expect([...reachable(DECISION_TRANSITIONS, 'pending')].sort()).toEqual([...DECISIONS].sort());
  });
  it('is final: nothing leaves a decided request', () => {
    for (const decision of DECISIONS) expect(DECISION_TRANSITIONS[decision].length > 0).toBe(decision === 'pending');
  });
});

describe('canonicalContent', () => {
  const content = fc.record<RequestContent>({
    siteId: fc.string(), issueId: fc.option(fc.string()), requester: fc.string(), toolKey: fc.string(), roleKey: fc.option(fc.string()), businessUse: fc.string(), dataClasses: fc.array(fc.string()), durationDays: fc.nat(),
  });

  it('is the same for the same content, in whatever order its fields were put and whatever else is carried along', () => {
    fc.assert(fc.property(content, (c) => {
      const turned = { ...Object.fromEntries(Object.entries(c).reverse()), ...c, note: 'not part of it' };
      expect(canonicalContent(turned)).toBe(canonicalContent(c));
    }));
  });

  it('differs when any part of the content differs', () => {
    fc.assert(fc.property(content, content, (a, b) => {
      const same = JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());
      expect(canonicalContent(a) === canonicalContent(b)).toBe(same);
    }));
    const base: RequestContent = { siteId: 's', issueId: null, requester: 'ann', toolKey: 'chatgpt', roleKey: null, businessUse: 'notes', dataClasses: ['a', 'b'], durationDays: 30 };
    const changes: Partial<RequestContent>[] = [{ siteId: 't' }, { issueId: '1' }, { requester: 'bob' }, { toolKey: 'codex' }, { roleKey: 'admin' }, { businessUse: 'notes ' }, { dataClasses: ['b', 'a'] }, { dataClasses: ['a,b'] }, { durationDays: 31 }];
    expect(new Set([base, ...changes.map((change) => ({ ...base, ...change }))].map(canonicalContent)).size).toBe(changes.length + 1);
  });
});
