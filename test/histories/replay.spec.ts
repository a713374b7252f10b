import { LIVES } from './lives.js';
import { recordings, replay, type Recorded } from './recorded.js';

const all = await recordings();
const of = (life: string): Recorded => {
  const found = all.find(({ recorded }) => recorded.life === life)?.recorded;
  if (found === undefined) throw new Error(`no recorded life ${life}`);
  return found;
};
type HistoryEvent = Recorded['history']['events'][number];

/** Every recorded run was decided by an earlier version of the workflow; this version has to decide the same (DESIGN, workflow). */
describe('recorded histories', () => {
  it('are of every life that is lived', () => {
    expect([...new Set(all.map(({ recorded }) => recorded.life))].sort()).toEqual(LIVES.map(({ name }) => name).sort());
  });

  it.each(all)('are replayed by the workflows as they are now: $file', async ({ recorded }) => {
    const [result] = await replay([recorded]);
    expect(result?.error).toBeUndefined();
  });

  it('carry no person, no ticket text and no machine in the clear', () => {
    for (const { file, text } of all) {
      expect({ file, found: /acc-|"identity": "(?!worker")|Access is active|sprint|console/.exec(text)?.[0] }).toEqual({ file, found: undefined });
      expect(text).toContain('YmluYXJ5L2VuY3J5cHRlZA=='); // binary/encrypted
    }
  });
});

describe('a workflow that would decide otherwise', () => {
  /** The recorded life as another version would have lived it. */
  const withEvents = (life: string, change: (event: HistoryEvent) => HistoryEvent): Recorded => ({ ...of(life), history: { ...of(life).history, events: of(life).history.events.map(change) } });
  const otherActivity = (event: HistoryEvent): HistoryEvent => {
    const parsed: unknown = JSON.parse(JSON.stringify(event).replaceAll('convergeMembership', 'addMember'));
    return isEvent(parsed) ? parsed : event;
  };
  const isEvent = (value: unknown): value is HistoryEvent => typeof value === 'object' && value !== null && 'eventType' in value;
  const noTimer = ({ timerStartedEventAttributes: timer, ...event }: HistoryEvent): HistoryEvent =>
    (timer === undefined ? event : { ...event, eventType: 'EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES', upsertWorkflowSearchAttributesEventAttributes: { searchAttributes: {} } });

  it.each([['another activity', withEvents('connected-with-ticket', otherActivity)], ['no timer where one was set', withEvents('lapsed', noTimer)]])('is found out: it wants %s', async (_how, recorded) => {
    const [result] = await replay([recorded]);
    expect(result?.error?.name).toBe('DeterminismViolationError');
  });

  it('is not mistaken for payloads that can\'t be opened, which is said too', async () => {
    const [result] = await replay([{ ...of('denied'), namespace: 'another' }]);
    expect(result?.error?.name).toBe('ReplayError');
  });
});
