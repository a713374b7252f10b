/** Writes what is queued for a request's ticket, in order; answers true when something came in meanwhile. Fails while Jira can't take it. */
export interface TicketActivities {
  updateTicket(siteId: string, requestId: string): Promise<void>;
}
