import { join } from 'node:path';
import { z } from 'zod';
import type { DeliverEvent } from './jira/event-delivery.js';
import { startJiraSandbox } from './jira/jira-sandbox.js';
import type { JiraSandbox } from './jira/jira-sandbox.js';
import { startMicrosoftSandbox } from './microsoft/microsoft-sandbox.js';
import type { MicrosoftSandbox } from './microsoft/microsoft-sandbox.js';
import { startOktaSandbox } from './okta/okta-sandbox.js';
import type { OktaSandbox } from './okta/okta-sandbox.js';
import { readKept, writeKept } from './state/secrets.js';
import { worldSites } from './world.js';
import type { SiteId } from './world.js';

/** 0 or absent: a free port, drawn once and kept with the data. */
export interface SandboxPorts {
  readonly okta?: number;
  readonly microsoft?: number;
  readonly microsoftTls?: number;
  /** In the order of the sites: acme, globex. */
  readonly jira?: readonly number[];
}

export interface SandboxOptions {
  /** Folder that keeps every vendor's state, secrets and ports over restarts; absent: memory only. */
  readonly dataDir?: string;
  readonly ports?: SandboxPorts;
  readonly delivery?: {
    /** Where a site's events go; may also be set later with `setDelivery`. */
    readonly deliverTo?: (siteId: SiteId) => DeliverEvent;
    readonly retryIntervalMs?: number;
    readonly retries?: number;
  };
  /** Sites whose Jira is started; all of them unless set. */
  readonly siteIds?: readonly SiteId[];
}

export interface Sandbox {
  readonly okta: OktaSandbox;
  readonly entra: MicrosoftSandbox;
  readonly jira: readonly JiraSandbox[];
  /** The Jira tenant of a site. @throws when it was not started. */
  jiraOf(siteId: SiteId): JiraSandbox;
  stop(): Promise<void>;
}

const port = z.int().min(0).max(65_535);
const portsSchema = z.object({ okta: port, microsoft: port, microsoftTls: port, jira: z.record(z.string(), port) });
type KeptPorts = z.infer<typeof portsSchema>;

/**
 * Starts every vendor of the sandbox world on loopback: one Okta org, one Microsoft tenant, one Jira per site.
 * With a data directory a restart has the same addresses, secrets and state.
 * @throws when a port that is asked for, or was kept, is taken.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { dataDir, delivery = {} } = options;
  const siteIds = options.siteIds ?? worldSites.map((site) => site.id);
  const ports = askedPorts(options, siteIds);
  const folder = (name: string): { dataDir: string } | object => (dataDir === undefined ? {} : { dataDir: join(dataDir, name) });
  const started: { stop(): Promise<void> }[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((vendor) => vendor.stop()));
  };
  try {
    const okta = keep(started, await startOktaSandbox({ ...folder('okta'), port: ports.okta }));
    const entra = keep(started, await startMicrosoftSandbox({ ...folder('microsoft'), port: ports.microsoft, tlsPort: ports.microsoftTls }));
    const jira: JiraSandbox[] = [];
    for (const siteId of siteIds) {
      const { deliverTo, ...pace } = delivery;
      const target = deliverTo === undefined ? {} : { deliver: deliverTo(siteId) };
      jira.push(keep(started, await startJiraSandbox({ ...folder(`jira-${siteId}`), siteId, port: ports.jira[siteId] ?? 0, delivery: { ...pace, ...target } })));
    }
    writeKept(dataDir, 'ports.json', portsOf(okta, entra, jira));
    const jiraOf = (siteId: SiteId): JiraSandbox => {
      const found = jira.find((one) => one.siteId === siteId);
      if (found === undefined) throw new Error(`the Jira sandbox of ${siteId} was not started`);
      return found;
    };
    return { okta, entra, jira, jiraOf, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function keep<V extends { stop(): Promise<void> }>(started: { stop(): Promise<void> }[], vendor: V): V {
  started.push(vendor);
  return vendor;
}

/** Asked ports first, then those of the last start; a file is only written after a start that worked. */
function askedPorts(options: SandboxOptions, siteIds: readonly SiteId[]): KeptPorts {
  const last = readKept(options.dataDir, 'ports.json', portsSchema) ?? { okta: 0, microsoft: 0, microsoftTls: 0, jira: {} };
  const { ports = {} } = options;
  const choose = (asked: number | undefined, before: number): number => (asked === undefined || asked === 0 ? before : asked);
  return {
    okta: choose(ports.okta, last.okta),
    microsoft: choose(ports.microsoft, last.microsoft),
    microsoftTls: choose(ports.microsoftTls, last.microsoftTls),
    jira: Object.fromEntries(siteIds.map((siteId, index) => [siteId, choose(ports.jira?.[index], last.jira[siteId] ?? 0)])),
  };
}

function portsOf(okta: OktaSandbox, entra: MicrosoftSandbox, jira: readonly JiraSandbox[]): KeptPorts {
  const number = (url: string): number => Number(new URL(url).port);
  return {
    okta: number(okta.baseUrl),
    microsoft: number(entra.baseUrl),
    microsoftTls: number(entra.authorityHost),
    jira: Object.fromEntries(jira.map((one) => [one.siteId, number(one.baseUrl)])),
  };
}
