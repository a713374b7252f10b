import { DefaultFailureConverter } from '@temporalio/common';

/** Found by the SDK under this name, by require: messages and stacks of failures go through the codec too. */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
