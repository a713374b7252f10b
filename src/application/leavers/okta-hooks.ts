import { createHash, createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { eventHookView } from '../../contracts/okta-events.contract.js';
import { done, refuse } from '../commands/outcome.js';
import { actorOf, runCommand } from '../commands/run-command.js';
import type { CommandStore } from '../ports/command-store.port.js';
import type { ConnectorStore } from '../ports/connector-store.port.js';
import type { EventHookStore, LeaverStore } from '../ports/leaver-store.port.js';
import type { MassActionEngine } from '../ports/mass-action-engine.port.js';
import type { OktaHooks } from '../ports/okta-hooks.port.js';
import { externalIdentityContext, type Sealer } from '../ports/sealing.port.js';
import type { SiteTx, UnitOfWork } from '../ports/unit-of-work.port.js';

export interface OktaHookDeps {
  readonly uow: UnitOfWork<SiteTx>;
  readonly commands: CommandStore;
  readonly connectors: ConnectorStore;
  readonly hooks: EventHookStore;
  readonly leavers: LeaverStore;
  readonly sealer: Sealer;
  readonly engine: MassActionEngine;
}

/** Events after which a person may be gone; each is a hint, and a read of the identity decides. */
const LEAVING: ReadonlySet<string> = new Set(['user.lifecycle.deactivate', 'user.lifecycle.suspend', 'user.lifecycle.delete.initiated', 'user.lifecycle.delete.completed', 'user.lifecycle.delete']);
const hashOf = (secret: string): string => createHash('sha256').update(secret, 'utf8').digest('hex');
/** An event may name several people, and each is told of once. Their ids are hashed with the hook's secret, which is kept nowhere in clear: nobody finds one by trying. */
const eventKeyOf = ({ connectorId }: { readonly connectorId: string }, secret: string, uuid: string, externalId: string): string => `okta/${connectorId}/${uuid}/${createHmac('sha256', secret).update(externalId, 'utf8').digest('hex')}`;
/** Compared where there is no hook, so that the answer takes as long. */
const NOBODYS = hashOf(randomUUID());

/** Okta's event hook of a connector (SPEC G6). The person's id is sealed at once: only the core worker opens it. */
export function createOktaHooks(deps: OktaHookDeps): OktaHooks {
  return {
    async receive(connectorId, secret, { data }) {
      const hook = await deps.hooks.find(connectorId);
      const same = timingSafeEqual(Buffer.from(hashOf(secret)), Buffer.from(hook?.secretHash ?? NOBODYS));
      if (hook === null || !same) return false;
      for (const { uuid, eventType, target } of data.events) {
        if (!LEAVING.has(eventType)) continue;
        for (const person of (target ?? []).filter(({ type }) => type === 'User')) await keepHint(deps, hook, person.id, eventKeyOf(hook, secret, uuid, person.id));
      }
      return true;
    },
    setSecret: (context, { connectorId, secret }) => runCommand(deps, context, { name: 'connector.setEventHook', subject: { connectorId }, answer: eventHookView }, async (tx) => {
      const connector = await deps.connectors.lock(tx, connectorId);
      if (connector === null) return refuse('connector.not_found', 'There is no connector with this id');
      if (connector.address.provider !== 'okta') return refuse('connector.wrong_provider', 'Only Okta sends event hooks');
      await deps.hooks.put(tx, { connectorId, secretHash: hashOf(secret), createdBy: context.principal.accountId });
      await tx.audit({ action: 'connector.updated', actor: actorOf(context.principal), subject: { connectorId }, data: { changes: ['eventHookSecret'] } });
      return done(200, { connectorId, path: `/api/v1/hooks/okta/${connectorId}`, authenticationField: 'Authorization', setAt: tx.now.toISOString() });
    }),
  };
}

async function keepHint(deps: OktaHookDeps, { siteId, connectorId }: { readonly siteId: string; readonly connectorId: string }, externalId: string, eventKey: string): Promise<void> {
  const sealedIdentity = await deps.sealer.seal(externalIdentityContext(siteId, connectorId), externalId);
  const id = `lvh_${randomUUID()}`;
  const isNew = await deps.uow.run(siteId, (tx) => deps.leavers.hint(tx, { id, cause: 'oktaEvent', connectorId, sealedIdentity, externalIdentityId: null, accountId: null, eventKey }));
  if (isNew) await deps.engine.checkLeaver(siteId, id).catch(() => undefined); // kept: the poller looks
}
