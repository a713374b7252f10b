import type { Principal } from '../../application/ports/api-commands.port.js';
import type { CatalogQueries, ListQuery, Rows } from '../../application/ports/api-queries.port.js';
import type { ConnectorListQuery, ConnectorView, IdentityMappingListQuery, IdentityMappingView, ToolListQuery, ToolRoleListQuery, ToolRoleView, ToolView } from '../../application/ports/api-views.js';
import type { RoleEntitlement } from '../../domain/catalog/entitlement.js';
import type { PgUnitOfWork } from '../unit-of-work.js';
import { CONNECTOR_SELECT, MAPPING_SELECT, ROLE_SELECT, TOOL_SELECT, toConnectorView, toMappingView, toRoleView, toToolView, type ConnectorViewRow, type MappingViewRow, type RoleViewRow, type ToolViewRow } from './catalog-views.js';
import { ListFilter, rowsOf, sortText } from './list-query.js';

/** Tools are public in their site; connectors and mappings are the admins' (the edge's guard). */
export class PgCatalogQueries implements CatalogQueries {
  constructor(private readonly uow: PgUnitOfWork) {}

  listTools({ siteId }: Principal, query: ListQuery<ToolListQuery>): Promise<Rows<ToolView>> {
    return this.uow.run(siteId, async (tx) => {
      const filter = new ListFilter('t', siteId).equals('t.status', query.status).equals('t.provider', query.provider).equals('t.risk', query.risk)
        .after(query.after, { sort: 't.key', cast: 'text', id: 't.id' }, 'ASC');
      const rows = await tx.query<ToolViewRow>(`${TOOL_SELECT} ${filter.where} ORDER BY t.key, t.id LIMIT ${query.limit + 1}`, filter.values);
      return rowsOf(rows.map((row) => ({ ...row, sort: row.key })), query.limit, ({ sort: _sort, ...row }) => toToolView(row));
    });
  }
  findTool({ siteId }: Principal, key: string): Promise<ToolView | null> {
    return this.uow.run(siteId, async (tx) => {
      const [row] = await tx.query<ToolViewRow>(`${TOOL_SELECT} WHERE t.site_id = $1 AND t.key = $2`, [siteId, key]);
      return row === undefined ? null : toToolView(row);
    });
  }

  listToolRoles({ siteId }: Principal, toolKey: string, query: ListQuery<ToolRoleListQuery>): Promise<Rows<ToolRoleView>> {
    return this.uow.run(siteId, async (tx) => {
      const filter = new ListFilter('o', siteId).equals('t.key', toolKey).after(query.after, { sort: 'o.key', cast: 'text', id: 'o.id' }, 'ASC');
      const rows = await tx.query<RoleViewRow>(`${ROLE_SELECT} JOIN tool t ON t.id = o.tool_id ${filter.where} ORDER BY o.key, o.id LIMIT ${query.limit + 1}`, filter.values);
      return rowsOf(rows.map((row) => ({ ...row, sort: row.key })), query.limit, ({ sort: _sort, ...row }) => toRoleView(row));
    });
  }
  findToolRole({ siteId }: Principal, { toolKey, roleKey }: RoleEntitlement): Promise<ToolRoleView | null> {
    return this.uow.run(siteId, async (tx) => {
      const [row] = await tx.query<RoleViewRow>(`${ROLE_SELECT} JOIN tool t ON t.id = o.tool_id WHERE o.site_id = $1 AND t.key = $2 AND o.key = $3`, [siteId, toolKey, roleKey]);
      return row === undefined ? null : toRoleView(row);
    });
  }

  listConnectors({ siteId }: Principal, query: ListQuery<ConnectorListQuery>): Promise<Rows<ConnectorView>> {
    return this.uow.run(siteId, async (tx) => {
      const filter = new ListFilter('c', siteId).equals('c.provider', query.provider).equals('c.status', query.status).after(query.after, { sort: 'c.created_at', cast: 'timestamptz', id: 'c.id' }, 'DESC');
      const rows = await tx.query<ConnectorViewRow & { readonly sort: string }>(`SELECT q.*, ${sortText('q."createdAt"')} FROM (${CONNECTOR_SELECT} ${filter.where} ORDER BY c.created_at DESC, c.id DESC LIMIT ${query.limit + 1}) q ORDER BY q."createdAt" DESC, q.id DESC`, filter.values);
      return rowsOf(rows, query.limit, ({ sort: _sort, ...row }) => toConnectorView(row));
    });
  }
  findConnector({ siteId }: Principal, connectorId: string): Promise<ConnectorView | null> {
    return this.uow.run(siteId, async (tx) => {
      const [row] = await tx.query<ConnectorViewRow>(`${CONNECTOR_SELECT} WHERE c.site_id = $1 AND c.id = $2`, [siteId, connectorId]);
      return row === undefined ? null : toConnectorView(row);
    });
  }

  listMappings({ siteId }: Principal, query: ListQuery<IdentityMappingListQuery>): Promise<Rows<IdentityMappingView>> {
    return this.uow.run(siteId, async (tx) => {
      const filter = new ListFilter('m', siteId).equals('m.account_id', query.accountId).equals('m.provider', query.provider).after(query.after, { sort: 'm.created_at', cast: 'timestamptz', id: 'm.id' }, 'DESC');
      const rows = await tx.query<MappingViewRow & { readonly sort: string }>(`SELECT q.*, ${sortText('q."createdAt"')} FROM (${MAPPING_SELECT} ${filter.where} ORDER BY m.created_at DESC, m.id DESC LIMIT ${query.limit + 1}) q ORDER BY q."createdAt" DESC, q.id DESC`, filter.values);
      return rowsOf(rows, query.limit, ({ sort: _sort, ...row }) => toMappingView(row));
    });
  }
  findMapping({ siteId }: Principal, mappingId: string): Promise<IdentityMappingView | null> {
    return this.uow.run(siteId, async (tx) => {
      const [row] = await tx.query<MappingViewRow>(`${MAPPING_SELECT} WHERE m.site_id = $1 AND m.id = $2`, [siteId, mappingId]);
      return row === undefined ? null : toMappingView(row);
    });
  }
}
