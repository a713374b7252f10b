import { actorLabel, validateDraft } from './entry.js';

const draft = {
  action: 'request.denied',
  actor: { kind: 'person', accountId: 'acc-1' },
  subject: { requestId: 'req-1', issueKey: 'AI-7' },
  data: { rules: ['tool.blocked'] },
  at: '2026-03-01T10:00:00.000Z',
};
const codeOf = (change: object): string => {
  const read = validateDraft({ ...draft, ...change });
  return read.ok ? 'ok' : `${read.error.code} ${read.error.path}`;
};

describe('validating an audit draft', () => {
  it('takes a complete draft as it is', () => {
    expect(validateDraft(draft)).toEqual({ ok: true, value: draft });
  });

  it.each([
    ['an action outside the list', { action: 'request.deny' }, 'action.unknown action'],
    ['a field that is not part of a draft', { seq: 4 }, 'draft.unknown_field seq'],
    ['a field set to undefined', { data: undefined }, 'value.undefined data'],
    ['data that is not an object', { data: [1] }, 'value.not_json data'],
    ['a day that does not exist', { at: '2026-02-30T10:00:00.000Z' }, 'at.malformed at'],
    ['a time with an offset', { at: '2026-02-01T10:00:00.000+01:00' }, 'at.malformed at'],
    ['a time without milliseconds', { at: '2026-02-01T10:00:00Z' }, 'at.malformed at'],
    ['an unknown kind of actor', { actor: { kind: 'robot' } }, 'actor.malformed actor'],
    ['a person without an account', { actor: { kind: 'person', name: 'Kim' } }, 'actor.account_missing actor.accountId'],
    ['an actor with another field', { actor: { kind: 'system', email: 'x' } }, 'actor.malformed actor'],
    ['an empty actor name', { actor: { kind: 'system', name: '' } }, 'actor.malformed actor.name'],
    ['a subject key outside the list', { subject: { email: 'x' } }, 'subject.unknown_key subject.email'],
    ['a subject id that is no string', { subject: { requestId: 7 } }, 'subject.malformed subject.requestId'],
    ['a subject id that is too long', { subject: { requestId: 'x'.repeat(257) } }, 'subject.malformed subject.requestId'],
    ['a subject that is a list', { subject: [] }, 'subject.malformed subject'],
    ['a credential in the data', { data: { apiToken: 'x' } }, 'value.secret_named data.apiToken'],
  ])('refuses %s', (_what, change, expected) => {
    expect(codeOf(change)).toBe(expected);
  });

  it('refuses a draft that lacks a field or is no object', () => {
    const { action, actor, data, at } = draft;
    expect(validateDraft({ action, actor, data, at })).toEqual({ ok: false, error: { code: 'draft.missing_field', path: 'subject' } });
    expect([validateDraft('x'), validateDraft([]), validateDraft(null)].map((read) => (read.ok ? 'ok' : read.error.code))).toEqual(Array(3).fill('draft.not_an_object'));
    expect(validateDraft(undefined)).toEqual({ ok: false, error: { code: 'value.undefined', path: '' } });
  });

  it('labels an actor by account, else by name, else by kind', () => {
    expect([actorLabel({ kind: 'person', accountId: 'a', name: 'n' }), actorLabel({ kind: 'policy', name: 'n' }), actorLabel({ kind: 'system' })]).toEqual(['a', 'n', 'system']);
  });
});
