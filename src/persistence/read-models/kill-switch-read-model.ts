import { toItemView, toKillSwitchView } from '../../application/mass-actions/kill-switch-view.js';
import type { Principal } from '../../application/ports/api-commands.port.js';
import type { Rows } from '../../application/ports/api-queries.port.js';
import type { KillSwitchQueries } from '../../application/ports/kill-switch.port.js';
import { PgMassActionStore } from '../stores/mass-action.store.js';
import type { PgUnitOfWork } from '../unit-of-work.js';

type ItemRows = ReturnType<KillSwitchQueries['items']>;
type ListRows = ReturnType<KillSwitchQueries['list']>;

export class PgKillSwitchQueries implements KillSwitchQueries {
  private readonly store = new PgMassActionStore();
  constructor(private readonly uow: PgUnitOfWork) {}

  list({ siteId }: Principal, query: Parameters<KillSwitchQueries['list']>[1]): ListRows {
    return this.uow.run(siteId, async (tx) => {
      const { items, next } = await this.store.list(tx, query);
      const views = [];
      for (const row of items) views.push(await toKillSwitchView(this.store, tx, row));
      return { items: views, next };
    });
  }
  find({ siteId }: Principal, id: string): ReturnType<KillSwitchQueries['find']> {
    return this.uow.run(siteId, async (tx) => {
      const row = await this.store.find(tx, id);
      return row === null ? null : toKillSwitchView(this.store, tx, row);
    });
  }
  items({ siteId }: Principal, id: string, query: Parameters<KillSwitchQueries['items']>[2]): ItemRows {
    return this.uow.run(siteId, async (tx): Promise<Rows<Awaited<ItemRows>['items'][number]>> => {
      const { items, next } = await this.store.items(tx, id, query);
      return { items: items.map(toItemView), next };
    });
  }
}
