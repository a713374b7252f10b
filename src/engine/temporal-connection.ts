import { Client, Connection } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';

export interface TemporalTarget { readonly address: string; readonly namespace: string; readonly tls: boolean; readonly apiKey?: string | undefined }

/** Connects when it is first used, so that an engine that is away makes commands answer 503 and not the process fail. */
export function createClient(target: TemporalTarget, dataConverter: DataConverter): Client {
  const connection = Connection.lazy({ address: target.address, ...(target.tls ? { tls: true } : {}), ...(target.apiKey === undefined ? {} : { apiKey: target.apiKey }) });
  return new Client({ connection, namespace: target.namespace, dataConverter });
}
