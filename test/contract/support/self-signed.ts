import { selfSignedForLoopback, type SelfSigned } from '../../../src/sandbox/tls/self-signed.js';

/** A fresh certificate with its RSA key, for a server on loopback or as an application's credential; here, because a spec of an integration may not know the sandbox. */
export const selfSigned = (): SelfSigned => selfSignedForLoopback('AI Clearance test', 'rsa');
