/** Remembers the nonces of signed requests for as long as their signatures could be accepted. */
export interface NonceStore {
  /** False when this client used the nonce before. @throws DatabaseUnavailable */
  use(clientId: string, nonce: string): Promise<boolean>;
}
