import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { TicketDelayed, updateTicket, type TicketDeps } from '../application/tickets/update-ticket.js';
import type { TicketActivities } from './ticket.port.js';

/** To the engine a delay of zero means: never again. Jira says so by a `Retry-After` that is over when it arrives. */
const SHORTEST_DELAY_MS = 1_000;

/** Below the time after which the engine starts a second attempt (workflows/access-request): two of them beside each other could comment twice. */
const LONGEST_MS = 50_000;

export const createTicketActivities = (deps: TicketDeps): TicketActivities => ({
  async updateTicket(siteId, requestId) {
    try {
      await updateTicket(deps, siteId, requestId, AbortSignal.any([Context.current().cancellationSignal, AbortSignal.timeout(LONGEST_MS)]));
    } catch (error) {
      if (!(error instanceof TicketDelayed)) throw error;
      throw ApplicationFailure.create({ message: error.message, type: 'TicketDelayed', ...(error.retryAfterMs === null ? {} : { nextRetryDelay: Math.max(SHORTEST_DELAY_MS, error.retryAfterMs) }) });
    }
  },
});
