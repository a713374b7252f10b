/** Words of the vendors' paths; whatever else stands in a path is an id. */
const words = new Set(['api', 'v1', 'v1.0', 'users', 'groups', 'rules', 'apps', 'members', 'memberof', '$ref', 'directoryobjects', 'approleassignments']);

/** Method and path without its ids: `GET /api/v1/users/_/groups`. Vendors count calls by it or by something coarser, and it names nobody. */
export function endpointClass(method: string, url: string): string {
  const segments = new URL(url).pathname.split('/').filter((segment) => segment !== '');
  return `${method.toUpperCase()} /${segments.map((segment) => (words.has(segment.toLowerCase()) ? segment : '_')).join('/')}`;
}
