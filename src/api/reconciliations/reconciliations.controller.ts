import { Controller, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { ReconciliationCommands, ReconciliationQueries } from '../../application/ports/reconciliation.port.js';
import { Call } from '../common/call.js';
import { problemOf } from '../common/problem.js';
import { Endpoint, type CallOf } from '../common/route.js';
import { TOKENS } from '../dependencies.js';
import * as routes from './reconciliations.routes.js';

/** Runs of reconciliation, what they found, and baseline access (SPEC D1–D4, K4). */
@Controller()
export class ReconciliationsController {
  constructor(@Inject(TOKENS.reconciliationCommands) private readonly commands: ReconciliationCommands, @Inject(TOKENS.reconciliationQueries) private readonly queries: ReconciliationQueries) {}

  @Endpoint(routes.startReconciliation)
  start(@Call() call: CallOf<typeof routes.startReconciliation>) {
    return this.commands.start(call.context, call.body);
  }

  @Endpoint(routes.listReconciliations)
  list(@Call() call: CallOf<typeof routes.listReconciliations>) {
    return this.queries.list(call.principal, call.query);
  }

  @Endpoint(routes.getReconciliation)
  find(@Call() call: CallOf<typeof routes.getReconciliation>) {
    return this.queries.find(call.principal, call.params.id);
  }

  @Endpoint(routes.exportReconciliation)
  async export(@Call() call: CallOf<typeof routes.exportReconciliation>, @Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    const { format } = call.query;
    const text = await this.queries.export(call.principal, call.params.id, format);
    if (text === null) throw problemOf('reconciliation.not_found', 'There is nothing under this path');
    void reply.header('content-type', format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson; charset=utf-8').header('content-disposition', `attachment; filename="reconciliation.${format}"`);
    return text;
  }

  @Endpoint(routes.listFindings)
  findings(@Call() call: CallOf<typeof routes.listFindings>) {
    return this.queries.listFindings(call.principal, call.query);
  }

  @Endpoint(routes.getFinding)
  finding(@Call() call: CallOf<typeof routes.getFinding>) {
    return this.queries.findFinding(call.principal, call.params.id);
  }

  @Endpoint(routes.resolveFinding)
  resolve(@Call() call: CallOf<typeof routes.resolveFinding>) {
    return this.commands.resolveFinding(call.context, { ...call.body, id: call.params.id });
  }

  @Endpoint(routes.listBaseline)
  baseline(@Call() call: CallOf<typeof routes.listBaseline>) {
    return this.queries.listBaseline(call.principal, call.params.key, call.query);
  }

  @Endpoint(routes.acceptBaseline)
  acceptBaseline(@Call() call: CallOf<typeof routes.acceptBaseline>) {
    return this.commands.acceptBaseline(call.context, { ...call.body, toolKey: call.params.key });
  }
}
