/**
 * The one profile that this product speaks (DESIGN, security): RFC 9421 over method, target and body digest, hmac-sha256, five parameters, each exactly once.
 * Fixed rather than negotiated: what is covered can't be talked down by whoever sends the message.
 */
export const COVERED = ['@method', '@target-uri', 'content-digest'] as const;
export const ALGORITHM = 'hmac-sha256';
/** How far a clock may be off, and how long a signature may be used, in seconds. */
export const WINDOW_SECONDS = 300;
/** Until no signature that carries the nonce can be accepted any more: made at most one window ahead, good for one window, and one to spare. */
export const NONCE_TTL_SECONDS = 3 * WINDOW_SECONDS;

/** What is signed of a request. */
export interface SignedMessage {
  readonly method: string;
  /** Absolute, with query, as the signer addressed it. */
  readonly targetUri: string;
  /** The bytes as sent; empty for a request without a body. */
  readonly body: Uint8Array;
}

/** Why a signed request is not accepted (SPEC §13: 401). Closed. */
export const SIGNATURE_REFUSALS = [
  'signature.missing', 'signature.malformed', 'signature.components_missing', 'signature.algorithm_refused', 'signature.unknown_key', 'signature.invalid', 'signature.digest_mismatch',
  'signature.expired', 'signature.clock_skew', 'signature.replayed',
] as const;
export type SignatureRefusal = (typeof SIGNATURE_REFUSALS)[number];

/** One sentence each for whoever signs, to mend it by. */
export const REFUSAL_DETAIL: Readonly<Record<SignatureRefusal, string>> = {
  'signature.missing': 'Sign the request: Content-Digest, Signature-Input and Signature are needed',
  'signature.malformed': 'Content-Digest, Signature-Input or Signature is not as RFC 9421 and RFC 9530 write it, or carries more than one signature',
  'signature.components_missing': 'Cover exactly ("@method" "@target-uri" "content-digest"), in this order',
  'signature.algorithm_refused': 'Sign with alg="hmac-sha256"',
  'signature.unknown_key': 'The key id is not known here',
  'signature.invalid': 'The signature does not fit method, target and digest under any active key of this id',
  'signature.digest_mismatch': 'Content-Digest is not the sha-256 of the body that arrived',
  'signature.expired': 'The signature is past its expiry',
  'signature.clock_skew': `created or expires is further than ${WINDOW_SECONDS} seconds from where it may be; set the clock`,
  'signature.replayed': 'This nonce was used before; sign each request anew',
};
