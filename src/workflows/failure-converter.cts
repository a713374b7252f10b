import common = require('@temporalio/common');

/** Found by the SDK under this name, by require: messages and stacks of failures go through the codec too. */
export const failureConverter = new common.DefaultFailureConverter({ encodeCommonAttributes: true });
