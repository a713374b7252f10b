import { grantView } from '../../contracts/grant.contract.js';
import { manualActionView } from '../../contracts/job.contract.js';
import { meView, ownListQuery } from '../../contracts/me.contract.js';
import { page } from '../../contracts/page.contract.js';
import { requestView } from '../../contracts/request.contract.js';
import { API } from '../common/paths.js';
import { Authenticated, route } from '../common/route.js';

const own = { method: 'GET', tag: 'Me', access: Authenticated, kind: 'list', sort: 'instant', query: ownListQuery } as const;

export const getMe = route({ method: 'GET', path: `${API}/me`, operation: 'getMe', tag: 'Me', access: Authenticated, kind: 'item', answers: { 200: meView }, summary: 'Who one is, and what one may do, with a reason for each ability that is missing.' });
export const myAccess = route({ ...own, path: `${API}/me/access`, operation: 'listMyAccess', answers: { 200: page(grantView) }, summary: 'My access: open grants, and expired ones until their grace ends and absence is verified.' });
export const myRequests = route({ ...own, path: `${API}/me/requests`, operation: 'listMyRequests', answers: { 200: page(requestView) }, summary: 'My requests, newest first.' });
export const myApprovals = route({ ...own, path: `${API}/me/approvals`, operation: 'listMyApprovals', answers: { 200: page(requestView) }, summary: 'Pending requests that I may decide.' });
export const myManualActions = route({ ...own, path: `${API}/me/manual-actions`, operation: 'listMyManualActions', answers: { 200: page(manualActionView) }, summary: 'Manual work that waits for me.' });
