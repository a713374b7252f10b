import type { JiraSites } from '../../application/ports/jira-sites.port.js';
import { createAdministrators } from './administrators.js';

describe('who administers Jira (SPEC U7: at most sixty seconds old)', () => {
  it('is asked again after 45 seconds, which with the fifteen that a token is believed makes sixty', async () => {
    let nowMs = 0;
    let asked = 0;
    const none: JiraSites = { find: () => { asked += 1; return Promise.resolve(null); } };
    const administrators = createAdministrators(none, () => nowMs);
    for (const at of [0, 44_999, 45_000]) {
      nowMs = at;
      await administrators.isAdministrator('acme', 'ann');
    }
    expect(asked).toBe(2);
  });
});
