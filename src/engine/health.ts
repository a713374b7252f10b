import type { Client } from '@temporalio/client';

/** One cheap round trip to the namespace that the product uses. @throws when it is away. */
export async function probeEngine(client: Client): Promise<void> {
  await client.withDeadline(Date.now() + 2_000, () => client.workflowService.describeNamespace({ namespace: client.options.namespace }));
}
