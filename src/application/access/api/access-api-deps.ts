import type { RequestQueries, GrantQueries, JobQueries } from '../../ports/api-queries.port.js';
import type { AccessEngine } from '../../ports/engine.port.js';
import type { CommandStore } from '../../ports/command-store.port.js';
import type { JiraSites } from '../../ports/jira-sites.port.js';
import type { RequestLookup } from '../../ports/request-lookup.port.js';
import type { AccessDeps } from '../access-deps.js';

/** What the API's side of a request needs: the record, the engine, and the read models that its answers are made of. */
export interface AccessApiDeps extends AccessDeps {
  readonly commands: CommandStore;
  readonly engine: AccessEngine;
  readonly jiraSites: JiraSites;
  readonly lookup: RequestLookup;
  readonly requestQueries: RequestQueries;
  readonly grantQueries: GrantQueries;
  readonly jobQueries: JobQueries;
  readonly log: (message: string, detail: Readonly<Record<string, string>>) => void;
}
