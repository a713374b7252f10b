import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { TicketDelayed, updateTicket, type TicketDeps } from '../application/tickets/update-ticket.js';
import type { TicketActivities } from './ticket.port.js';

export const createTicketActivities = (deps: TicketDeps): TicketActivities => ({
  async updateTicket(siteId, requestId) {
    try {
      await updateTicket(deps, siteId, requestId, Context.current().cancellationSignal);
    } catch (error) {
      if (!(error instanceof TicketDelayed)) throw error;
      throw ApplicationFailure.create({ message: error.message, type: 'TicketDelayed', ...(error.retryAfterMs === null ? {} : { nextRetryDelay: error.retryAfterMs }) });
    }
  },
});
