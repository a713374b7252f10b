import type { Registry } from 'prom-client';
import type { DataSource } from 'typeorm';
import type { EdgeLogger } from '../api/common/log.js';
import type { CoreWork } from '../application/ports/core-work.port.js';
import { ClientKeys, type ClientKey } from '../http-signature/client-keys.js';
import { NONCE_TTL_SECONDS } from '../http-signature/profile.js';
import { createCoreAnswers } from '../persistence/stores/core-answers.store.js';
import { createNonceStore } from '../persistence/stores/nonce.store.js';
import type { PgUnitOfWork } from '../persistence/unit-of-work.js';
import { createCoreService } from './core.controller.js';
import { createCoreApi } from './core.module.js';

export interface ServeCoreOptions { readonly host: string; readonly port: number; readonly publicUrl: string | null; readonly clients: readonly ClientKey[]; readonly log: EdgeLogger }

/** Wires Core's HTTP application over opened credentials and listens. Closing waits for what is under way. */
export async function serveCore({ work, uow, dataSource, registry }: { readonly work: CoreWork; readonly uow: PgUnitOfWork; readonly dataSource: DataSource; readonly registry: Registry }, options: ServeCoreOptions): Promise<{ readonly url: string; close(): Promise<void> }> {
  const app = await createCoreApi({
    service: createCoreService({ work, answers: createCoreAnswers(uow) }), clients: new ClientKeys(options.clients), nonces: createNonceStore(dataSource, 'core_nonce', NONCE_TTL_SECONDS),
    publicUrl: options.publicUrl, now: () => new Date(), probe: async () => { await dataSource.query('SELECT 1'); }, log: options.log, registry,
  });
  await app.listen(options.port, options.host);
  return { url: await app.getUrl(), close: () => app.close() };
}
