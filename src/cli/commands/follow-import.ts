import type { z } from 'zod';
import { shownImportItem } from '../answers.js';
import type { ApiClient } from '../api-client.js';
import { CliProblem } from '../cli-problem.js';
import { EXIT } from '../exit-codes.js';
import { segment } from '../references.js';
import type { Session } from '../session.js';

type Shown = z.infer<typeof shownImportItem>;
const LOOK_EVERY_MS = 1_000;
/** Looks in a row without an answer, after which the one who waits is told: about a minute of an API that restarts. */
const MOST_SILENT = 60;
/** Looks between two lines of progress that say the same number. */
const SAY_EVERY = 10;

/** Waits until an import is over, and says how far it is. It goes on whether or not anybody waits: a problem here names where to look. @throws CliProblem */
export async function followImport({ waiting }: Pick<Session, 'waiting'>, api: ApiClient, started: Shown): Promise<Shown> {
  const path = `/identity-mappings/imports/${segment(started.id)}`;
  let view = started;
  if (view.status === 'running') waiting.say(`Import ${view.id}: ${view.rows} rows. It goes on if you leave: aiclearance mappings import-show ${view.id}`);
  for (let looks = 1, silent = 0; view.status === 'running'; looks += 1) {
    await waiting.pause(LOOK_EVERY_MS);
    try {
      view = await api.get(path, shownImportItem);
      silent = 0;
    } catch (error) {
      if (!(error instanceof CliProblem)) throw error;
      silent += 1;
      if (error.exitCode !== EXIT.unavailable || silent >= MOST_SILENT) throw error.adding(`The import goes on without you: aiclearance mappings import-show ${view.id}`);
    }
    if (looks % SAY_EVERY === 0) waiting.say(`${view.checked} of ${view.rows} rows looked at`);
  }
  return view;
}
