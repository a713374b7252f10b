import { readRotateConfig } from '../config/operator-env.js';
import type { Rewrapper } from '../application/ports/sealing.port.js';
import { rewrapSecrets } from '../application/secrets/rewrap-secrets.js';
import { createUnsealer } from '../integrations/sealing/asymmetric-sealing.js';
import { createSymmetricSealing } from '../integrations/sealing/symmetric-sealing.js';
import { refusePowerfulRole } from '../persistence/bootstrap.js';
import { createDataSource } from '../persistence/data-source.js';
import { PgSealedValues } from '../persistence/stores/sealed-values.store.js';
import { PgUnitOfWork } from '../persistence/unit-of-work.js';
import { OperatorProblem, type OperatorContext, type Outcome } from './operator-command.js';

/**
 * `secrets rotate`: every sealed value of every site under the first key of SEALING_PRIVATE_KEYS and of JIRA_SEALING_KEYS. Killed, it goes on when it is run again.
 * @throws OperatorProblem when a value can't be opened: its key must not be dropped; ConfigurationProblem
 */
export async function rotateSecrets({ environment, say }: OperatorContext): Promise<Outcome> {
  const config = readRotateConfig(environment);
  const core = await keysOf(config.SEALING_PRIVATE_KEYS);
  const jira = createSymmetricSealing(config.JIRA_SEALING_KEYS);
  const dataSource = createDataSource({ url: config.KEEPER_DATABASE_URL, poolSize: 2, applicationName: 'aiclearance-keeper' });
  await dataSource.initialize();
  try {
    await refusePowerfulRole((sql) => dataSource.query(sql), 'KEEPER_DATABASE_URL');
    const report = await rewrapSecrets({
      uow: new PgUnitOfWork(dataSource), values: new PgSealedValues(dataSource), rewrapperOf: (place) => (place === 'site.jira_auth_sealed' ? jira : core),
      onBatch: (count) => say(`${count} values rewrapped`),
    });
    if (report.unreadable.length > 0) throw new OperatorProblem(`${report.unreadable.length} values can't be opened with these keys, ${report.rewrapped} were rewrapped: ${report.unreadable.slice(0, 5).join('; ')}.`, 'Add the key that they name, or enter those credentials again; drop no key before.');
    return {
      answer: { rewrapped: report.rewrapped, current: report.current, keys: { core: core.newestKey, jira: jira.newestKey } },
      lines: [`${report.rewrapped} values rewrapped, ${report.current} were under the newest keys (${core.newestKey}, ${jira.newestKey}).`, 'Every sealed value is under them now. Older keys may go once no request of before is still being carried out (docs/operations.md).'],
    };
  } finally {
    await dataSource.destroy();
  }
}

/** The library's sentence names the variable and no key. */
async function keysOf(privateJwks: string): Promise<Rewrapper> {
  return createUnsealer(privateJwks).catch((error: unknown) => {
    throw new OperatorProblem(`${error instanceof Error ? error.message : 'SEALING_PRIVATE_KEYS is not readable'}.`);
  });
}
