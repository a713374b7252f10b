import { randomUUID } from 'node:crypto';
import { createGrantCommands } from '../../src/application/access/api/grant-commands.js';
import { createJobCommands } from '../../src/application/access/api/job-commands.js';
import { createRequestCommands } from '../../src/application/access/api/request-commands.js';
import type { AccessApiDeps } from '../../src/application/access/api/access-api-deps.js';
import { applyStep } from '../../src/application/access/steps.js';
import type { CommandContext, Principal, TokenRole } from '../../src/application/ports/api-commands.port.js';
import type { CommandStore, StoredCommand } from '../../src/application/ports/command-store.port.js';
import { aGrant, aJob, aManualAction, aRequest } from '../../src/api/testing/builders.js';
import { AccessModel } from './access-model.js';

const unused = (): never => { throw new Error('not part of this harness'); };

/** The API's commands over the record in memory: an engine that applies each command at once, and views that show what the read models show, to whom they show it. */
export class AccessApi extends AccessModel {
  private readonly api: AccessApiDeps = {
    ...this.deps, commands: this.commandStore(), log: () => undefined,
    engine: { start: () => Promise.resolve(), wake: () => Promise.resolve(), deliver: async (_site, requestId, _operation, commandId) => { await this.follow(requestId, () => applyStep(this.deps, 'acme', commandId, null)); } },
    jiraSites: { find: () => Promise.resolve(null) },
    lookup: {
      byGrant: (_tx, id) => Promise.resolve(this.record.tables.grants.get(id)?.requestId ?? null),
      byJob: (_tx, id) => Promise.resolve(this.record.tables.jobs.get(id)?.requestId ?? null),
      byManualAction: (_tx, id) => Promise.resolve(this.record.tables.manualActions.get(id)?.requestId ?? null),
      byIssueKey: (_tx, key) => Promise.resolve([...this.record.tables.requests.values()].find((row) => row.issueKey === key)?.id ?? null),
      find: (_tx, id) => Promise.resolve(this.record.tables.requests.get(id) ?? null),
      intakeProject: () => Promise.resolve({ enabled: true, projectKey: 'AI', requestTypeIds: [] }),
    },
    requestQueries: { list: unused, timeline: unused, find: (principal, id) => Promise.resolve(this.sees(principal, id) ? aRequest({ id }) : null) },
    grantQueries: { list: unused, find: (principal, id) => Promise.resolve(this.sees(principal, this.record.tables.grants.get(id)?.requestId) ? aGrant({ id }) : null) },
    jobQueries: {
      listJobs: (principal, { requestId }) => Promise.resolve({ next: null, items: [...this.record.tables.jobs.values()].filter((job) => job.requestId === requestId && this.isRouted(principal)).map(({ id }) => aJob({ id })) }),
      listManualActions: (principal, { requestId }) => Promise.resolve({ next: null, items: [...this.record.tables.manualActions.values()].filter((action) => action.requestId === requestId && this.sees(principal, requestId)).map(({ id, grantId }) => aManualAction({ id, grantId })) }),
    },
  };
  readonly requestCommands = createRequestCommands(this.api);
  readonly grantCommands = createGrantCommands(this.api);
  readonly jobCommands = createJobCommands(this.api);

  context(accountId: string, roles: readonly TokenRole[] = ['requester']): CommandContext {
    return { principal: { siteId: 'acme', accountId, kind: 'person', roles: new Set(roles) }, idempotencyKey: null, methodAndPath: `POST /${randomUUID()}`, bodyHash: 'hash', correlationId: 'test' };
  }

  private isRouted({ accountId, roles }: Principal): boolean { return roles.has('admin') || this.record.premises.routing.approvers.includes(accountId); }
  private sees(principal: Principal, requestId: string | undefined): boolean {
    const request = this.record.tables.requests.get(requestId ?? '');
    return request !== undefined && (request.requester === principal.accountId || this.isRouted(principal));
  }

  private commandStore(): CommandStore {
    const stored = (id: string): StoredCommand | null => {
      const row = this.record.tables.commands.get(id);
      return row === undefined ? null : { ...row, bodyHash: 'hash', sealed: null };
    };
    return {
      claim: (_tx, { id, actor, operation, requestId, payload }) => {
        this.record.tables.commands.set(id, { id, actor, operation, requestId, payload, status: null, result: null });
        return Promise.resolve({ id, actor, operation, bodyHash: 'hash', payload, sealed: null, status: null, result: null });
      },
      find: () => Promise.resolve(null),
      lockById: (_tx, id) => Promise.resolve(stored(id)),
      storeResult: (tx, id, status, result) => this.record.storeCommandResult(tx, id, status, result),
    };
  }
}
