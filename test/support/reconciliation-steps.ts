import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import type { CoreCallResult } from '../../src/application/core/core-call.js';
import { advanceRun } from '../../src/application/reconciliation/advance-run.js';
import type { ReconciliationDeps } from '../../src/application/reconciliation/run-case.js';
import { startRun, type RunWanted } from '../../src/application/reconciliation/start-run.js';
import type { ReconciliationStep, StepAnswer, StepReport } from '../../src/application/reconciliation/step.js';
import { DEFAULT_LIMITS } from '../../src/domain/reconciliation/breaker.js';
import type { DriftResponse } from '../../src/domain/reconciliation/finding.js';
import type { ConvergeResult } from '../../src/domain/provisioning/provisioning.js';
import { registerSite } from '../../src/persistence/bootstrap.js';
import { createDataSource } from '../../src/persistence/data-source.js';
import { PgReconciliationStore } from '../../src/persistence/stores/reconciliation.store.js';
import { PgRecordStore } from '../../src/persistence/stores/record.store.js';
import { PgUnitOfWork } from '../../src/persistence/unit-of-work.js';
import { createTestDatabase, queryOnce, type TestDatabase } from './postgres.js';

type Ask = ReconciliationStep & { readonly kind: 'ask' };
/** `lost`: the workflow is gone before it could report; the next one asks without a report. */
export type Answer<T> = T | 'lost';

/** What the provider would say. Waiting takes no time, and what a group lists is what `members` names. */
export interface Vendor {
  list(groupId: string, cursor: string | null, members: readonly string[]): Answer<CoreCallResult>;
  describe(hashes: readonly string[]): Answer<CoreCallResult>;
  read(hash: string): Extract<CoreCallResult, { kind: 'memberReads' }>['reads'][number]['observed'] | Extract<CoreCallResult, { kind: 'failed' }>;
  /** Asked about the group on its own. */
  look(groupId: string): Answer<CoreCallResult>;
  remove(): Answer<ConvergeResult>;
  /** A removal was handed out, and the provider has not been asked yet. */
  beforeRemoval(): Promise<void>;
  /** While a run waits. */
  waited(ms: number): Promise<unknown>;
}
export interface Drive { readonly steps: readonly ReconciliationStep[]; readonly status: string }

/** The steps of reconciliation on a real Postgres, with the answers of the provider made up and no engine that waits. */
export class ReconciliationSteps {
  readonly connectorId = 'con';
  private constructor(readonly database: TestDatabase, private readonly dataSource: DataSource, readonly uow: PgUnitOfWork, readonly deps: ReconciliationDeps) {}

  static async start(): Promise<ReconciliationSteps> {
    const database = await createTestDatabase();
    await registerSite(database.migrationUrl, { id: 'acme', name: 'Acme', timeZone: 'UTC', jiraBaseUrl: 'http://127.0.0.1:1', jiraPropertyKey: 'p', jiraAuthSealed: 'sealed' });
    await queryOnce(database.superuserUrl, "INSERT INTO connector (id, site_id, name, provider, public_config, sealed_config, status) VALUES ('con', 'acme', 'Okta', 'okta', '{}', 'sealed', 'enabled')");
    const dataSource = await createDataSource({ url: database.governanceUrl, poolSize: 4, applicationName: 'reconciliation-test' }).initialize();
    const uow = new PgUnitOfWork(dataSource);
    return new ReconciliationSteps(database, dataSource, uow, {
      uow, runs: new PgReconciliationStore(), store: new PgRecordStore(), newId: randomUUID, limits: () => Promise.resolve(DEFAULT_LIMITS), identityDeactivated: () => Promise.resolve(),
    });
  }
  async stop(): Promise<void> {
    await this.dataSource.destroy();
    await this.database.drop();
  }
  sql(text: string, parameters: readonly unknown[] = []): Promise<readonly Record<string, unknown>[]> { return queryOnce(this.database.superuserUrl, text, parameters); }

  /** A tool whose group was bound long ago. */
  async tool(response: DriftResponse): Promise<{ readonly toolKey: string; readonly groupId: string }> {
    const name = `tool-${randomUUID().slice(0, 8)}`;
    await this.sql("INSERT INTO tool (id, site_id, key, name, vendor, status, risk, max_duration_days, provider, connector_id, drift_response) VALUES ($1, 'acme', $1, $1, 'Vendor', 'approved', 'medium', 90, 'okta', 'con', $2)", [name, response]);
    await this.sql("INSERT INTO entitlement_group (id, site_id, tool_id, connector_id, external_group_id, name, origin, assignment_confirmed_at, baseline_recorded_at) VALUES ($1, 'acme', $2, 'con', $3, $2, 'bound', now(), now())", [`grp-${name}`, name, `g-${name}`]);
    return { toolKey: name, groupId: `g-${name}` };
  }
  begin(toolKey: string | null, more: Partial<RunWanted> = {}): Promise<string> {
    return this.uow.run('acme', async (tx) => (await startRun(this.deps, tx, { connectorId: 'con', toolKey, trigger: 'admin', actor: { kind: 'person', accountId: 'acc-admin' }, ...more })).id);
  }
  advance(report: StepReport | null): Promise<ReconciliationStep> { return advanceRun(this.deps, 'acme', 'con', report); }

  /** Carries the connector's run on to its end, as its workflow does. @throws Error when it does not end within `atMost` steps */
  async drive(members: readonly string[], over: Partial<Vendor> = {}, atMost = 400): Promise<Drive> {
    const vendor: Vendor = { list: (_group, _cursor, listed) => page(listed), describe: described, read: () => 'present', look: () => failed('retryable', 'not asked for here'), remove: () => observed('absent'), beforeRemoval: () => Promise.resolve(), waited: () => Promise.resolve(), ...over };
    const steps: ReconciliationStep[] = [];
    let report: StepReport | null = null;
    while (steps.length < atMost) {
      const step: ReconciliationStep = await this.advance(report);
      steps.push(step);
      if (step.kind === 'ended') return { steps, status: step.status };
      if (step.kind === 'wait') await vendor.waited(step.waitMs);
      if (step.kind === 'converge') await vendor.beforeRemoval();
      const answer = answerTo(step, vendor, members);
      report = answer === 'lost' ? null : { recordId: step.recordId, step: step.step, answer };
    }
    throw new Error(`the run did not end within ${atMost} steps; the last were ${steps.slice(-6).map(({ kind }) => kind).join(', ')}`);
  }
}

function answerTo(step: Exclude<ReconciliationStep, { kind: 'ended' }>, vendor: Vendor, members: readonly string[]): Answer<StepAnswer> {
  if (step.kind === 'ask') return askedOf(toAsk(step, vendor, members));
  if (step.kind !== 'converge') return { kind: 'done' };
  const result = vendor.remove();
  return result === 'lost' ? 'lost' : { kind: 'converged', result };
}
const askedOf = (result: Answer<CoreCallResult>): Answer<StepAnswer> => (result === 'lost' ? 'lost' : { kind: 'asked', result });

function toAsk({ order }: Ask, vendor: Vendor, members: readonly string[]): Answer<CoreCallResult> {
  if (order.kind === 'listMembers') return vendor.list(order.externalGroupId, order.cursor, members);
  if (order.kind === 'describeMembers') return vendor.describe(order.indexes.map((index) => hashesOf(order.sealedPage)[index] ?? ''));
  if (order.kind === 'bindGroup') return vendor.look(order.externalGroupId);
  if (order.kind === 'readMembers') return readsOf(order.people.map(({ identityHash }) => identityHash), vendor);
  throw new Error(`a run does not ask for "${order.kind}" here`);
}
function readsOf(hashes: readonly string[], vendor: Vendor): CoreCallResult {
  const reads = [];
  for (const identityHash of hashes) {
    const said = vendor.read(identityHash);
    if (typeof said !== 'string') return said.paced === true ? { kind: 'memberReads', reads, retryAfterMs: said.retryAfterMs ?? 0, paced: true } : said;
    reads.push({ identityHash, observed: said, readAt: new Date().toISOString(), code: 'read' });
  }
  return { kind: 'memberReads', reads, retryAfterMs: null };
}

/** One page of a listing; the "seal" of these tests is the hashes themselves. */
export const page = (hashes: readonly string[], next: string | null = null): CoreCallResult => ({ kind: 'members', hashes, deactivated: [], others: [], sealedPage: hashes.join(' '), next });
const described = (hashes: readonly string[]): CoreCallResult => ({ kind: 'described', identities: hashes.map((identityHash) => ({ identityHash, sealed: `sealed ${identityHash}`, loginHint: 'a•••' })) });
const hashesOf = (sealedPage: string): readonly string[] => sealedPage.split(' ');
export const failed = (failure: Extract<CoreCallResult, { kind: 'failed' }>['failure'], detail: string): Extract<CoreCallResult, { kind: 'failed' }> => ({ kind: 'failed', failure, detail });
/** Nothing was sent: the tenant's budget had no room. */
export const paced = (retryAfterMs = 700): Extract<CoreCallResult, { kind: 'failed' }> => ({ ...failed('retryable', 'nothing was sent, since the budget of calls to this tenant is used up'), retryAfterMs, paced: true });
export const observed = (what: ConvergeResult['observed'], over: Partial<ConvergeResult> = {}): ConvergeResult =>
  ({ status: 'observed', observed: what, readAt: new Date().toISOString(), write: 'changed', code: 'readBack', detail: `The provider says ${what}`, retryAfterMs: null, providerRequestId: null, ...over });
export const people = (count: number, prefix = 'h'): readonly string[] => Array.from({ length: count }, (_one, index) => `${prefix}${index}-${randomUUID().slice(0, 8)}`);
