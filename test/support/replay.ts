import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';

const BUNDLE = fileURLToPath(new URL('../../dist/workflow-bundle.js', import.meta.url));

/**
 * How histories are replayed through the workflows as built now: in a thread of its own, as they run. The SDK's debug mode, which it would choose, watches every promise
 * of the test's process, and breaks on those of WebCrypto on Node 24.
 */
export function replayOptions(dataConverter: DataConverter) {
  return { workflowBundle: { codePath: BUNDLE }, dataConverter, debugMode: false };
}
