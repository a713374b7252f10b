import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import type { CreateConnectorBody } from '../../contracts/connector.contract.js';
import { refuse } from '../commands/outcome.js';
import type { CredentialExpiry } from '../ports/connector-store.port.js';

type Refused = ReturnType<typeof refuse>;
/** The body with its credential as it will be sealed, when that expires, and what was mended in it. */
export interface CheckedBody { readonly body: CreateConnectorBody; readonly credential: CredentialExpiry; readonly notices: readonly string[] }

const PEM_BLOCK = /-----BEGIN ([A-Z0-9 ]{1,40})-----[\s\S]+?-----END \1-----/g;
const TRIMMED = 'had blanks or a line break around it, which were taken off';

/**
 * Looks at a credential before it is sealed, where a mistake can still be told from a provider's refusal: a secret pasted with its line break is
 * trimmed and the answer says so; a key that is none, or a certificate without its key, is refused. Nothing of what was sent is in either.
 */
export function checkCredential(body: CreateConnectorBody): CheckedBody | Refused {
  const credential = expirySaid(body.credentialExpiresAt);
  if (body.provider === 'okta') {
    const { auth } = body;
    if (auth.kind === 'privateKeyJwt') return refuseKey(auth.privateKeyPem) ?? { body, credential, notices: [] };
    return { body: { ...body, auth: { ...auth, token: auth.token.trim() } }, credential, notices: noticesOf('auth.token', auth.token) };
  }
  const { auth } = body;
  if (auth.kind === 'clientSecret') return { body: { ...body, auth: { ...auth, clientSecret: auth.clientSecret.trim() } }, credential, notices: noticesOf('auth.clientSecret', auth.clientSecret) };
  if (body.credentialExpiresAt !== undefined) return refuse('body.invalid', 'A certificate says itself when it expires', 'credentialExpiresAt');
  const expiresAt = endOfCertificate(auth.certificatePem);
  return typeof expiresAt === 'string' ? { body, credential: { expiresAt, saidBy: 'certificate' }, notices: [] } : expiresAt;
}

/** What an admin says, who knows when the provider's secret expires. */
export const expirySaid = (expiresAt: string | null | undefined): CredentialExpiry => ({ expiresAt: expiresAt ?? null, saidBy: expiresAt == null ? null : 'admin' });

const noticesOf = (path: string, secret: string): readonly string[] => (secret.trim() === secret ? [] : [`${path} ${TRIMMED}`]);

function blocksOf(pem: string, kind: RegExp): readonly string[] {
  return [...pem.matchAll(PEM_BLOCK)].filter(([, label]) => label !== undefined && kind.test(label)).map(([text]) => text);
}

function refuseKey(pem: string): Refused | null {
  const [block] = blocksOf(pem, /PRIVATE KEY$/);
  if (block === undefined) return refuse('connector.key_unusable', 'The PEM holds no private key', 'auth.privateKeyPem');
  return readKey(block) === null ? refuse('connector.key_unusable', 'The private key can\'t be read; send it unencrypted, as PKCS #8 or PKCS #1', 'auth.privateKeyPem') : null;
}

/** When the certificate that comes with its key ends, or what is wrong with the two. */
function endOfCertificate(pem: string): string | Refused {
  const path = 'auth.certificatePem';
  const [certificates, [keyBlock]] = [blocksOf(pem, /^CERTIFICATE$/), blocksOf(pem, /PRIVATE KEY$/)];
  const [leaf] = certificates;
  if (leaf === undefined) return refuse('connector.key_unusable', 'The PEM holds no certificate', path);
  if (keyBlock === undefined) return refuse('connector.key_unusable', 'The PEM holds a certificate and not its private key; send both in one', path);
  const key = readKey(keyBlock);
  if (key === null) return refuse('connector.key_unusable', 'The private key beside the certificate can\'t be read; send it unencrypted, as PKCS #8 or PKCS #1', path);
  const certificate = readCertificate(leaf);
  if (certificate === null) return refuse('connector.key_unusable', 'The certificate can\'t be read', path);
  if (!certificate.checkPrivateKey(key)) return refuse('connector.key_unusable', 'The private key is not the one of the certificate; the certificate itself comes first', path);
  return new Date(certificate.validTo).toISOString();
}

/** What OpenSSL says of it may quote it, so only that it can't be read goes on. */
function readKey(pem: string): KeyObject | null {
  try {
    return createPrivateKey(pem);
  } catch {
    return null;
  }
}
function readCertificate(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem);
  } catch {
    return null;
  }
}
