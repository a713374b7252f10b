import { NOW, policyOutcome } from '../../../test/decisions/facts.js';
import { MAX_LIFE_DAYS } from '../policy/policy.js';
import { addDays, DAY_MS } from './grant.js';
import { decideRestore, type RestoreFacts } from './restore.js';

type Over = Partial<Omit<RestoreFacts, 'grant'>> & { readonly grant?: Partial<RestoreFacts['grant']> };
const facts = (over: Over = {}): RestoreFacts => ({
  source: 'killSwitch', remainingMs: 10 * DAY_MS, policy: policyOutcome(), allowed: true, duplicateOpenGrant: false, now: NOW, ...over,
  grant: { status: 'revoked', endReason: 'killSwitch', firstStartedAt: addDays(NOW, -20), ...over.grant },
});
const blocked = policyOutcome({ outcome: 'deny', stages: [], rules: [{ rule: 'access.leaver', effect: 'deny', detail: 'The requester has left' }] });
const denied = policyOutcome({ outcome: 'deny', stages: [], rules: [{ rule: 'tool.blocked', effect: 'deny', detail: 'This tool is blocked' }] });

describe('decideRestore', () => {
  it.each<readonly [name: string, over: Over, code: string]>([
    ['a grant that somebody revoked by hand', { grant: { endReason: 'revoked' } }, 'restore.not_ours'],
    ['a grant that a leaver\'s case ended, by a kill switch', { grant: { endReason: 'leaver' } }, 'restore.not_ours'],
    ['a grant whose absence is not confirmed yet', { grant: { status: 'removing' } }, 'restore.not_ours'],
    ['a grant that is open again', { grant: { status: 'active', endReason: null } }, 'restore.not_ours'],
    ['a grant beside another open one', { duplicateOpenGrant: true }, 'grant.duplicate_open'],
    ['the access of somebody who has left', { allowed: false, policy: blocked }, 'access.blocked'],
    ['what policy denies by now', { allowed: false, policy: denied }, 'policy.denied'],
    ['what needs a review by now that was not given', { allowed: false }, 'policy.denied'],
    ['what had no time left', { remainingMs: 0 }, 'restore.nothing_left'],
    ['what is 180 days old', { grant: { firstStartedAt: addDays(NOW, -MAX_LIFE_DAYS) } }, 'restore.nothing_left'],
  ])('refuses %s', (_name, over, code) => {
    const decided = decideRestore(facts(over));
    expect(decided.ok ? 'restored' : decided.error.code).toBe(code);
  });

  it('gives what was left from now, and never more than 180 days from the first start', () => {
    expect(decideRestore(facts())).toEqual({ ok: true, value: { expiresAt: addDays(NOW, 10) } });
    expect(decideRestore(facts({ grant: { firstStartedAt: addDays(NOW, -175) } }))).toEqual({ ok: true, value: { expiresAt: addDays(NOW, 5) } });
    expect(decideRestore(facts({ grant: { firstStartedAt: null }, remainingMs: DAY_MS }))).toEqual({ ok: true, value: { expiresAt: addDays(NOW, 1) } });
  });
});
