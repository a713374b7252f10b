import { portalContext, portalContextQuery } from '../../contracts/portal.contract.js';
import { API } from '../common/paths.js';
import { PortalAccess, route } from '../common/route.js';

export const getPortalContext = route({
  method: 'GET', path: `${API}/portal/context`, operation: 'getPortalContext', tag: 'Portal', access: PortalAccess, kind: 'item', query: portalContextQuery, answers: { 200: portalContext },
  summary: 'Whether the gate is open here and why not, and what may be asked for.',
});
