import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK, type JWTPayload } from 'jose';

export interface TestKey { readonly kid: string; readonly alg: string; readonly privateKey: CryptoKey; readonly publicKey: CryptoKey; readonly jwk: JWK }

export async function makeKey(kid: string, alg = 'RS256'): Promise<TestKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, privateKey, publicKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

/** Signs claims as they are, also wrong ones. */
export const signWith = (key: TestKey, claims: JWTPayload, header: Record<string, unknown> = {}): Promise<string> =>
  new SignJWT(claims).setProtectedHeader({ alg: key.alg, kid: key.kid, ...header }).sign(key.privateKey);

/** An issuer's key server on loopback; counts how often it was asked. */
export class JwksServer {
  keys: JWK[] = [];
  asked = 0;
  failing = false;
  private constructor(private readonly server: Server) {}

  static async start(): Promise<JwksServer> {
    let jwks: JwksServer | undefined;
    const server = createServer((_request, response) => {
      if (!jwks) return;
      jwks.asked += 1;
      response.statusCode = jwks.failing ? 500 : 200;
      response.setHeader('content-type', 'application/json');
      response.end(jwks.failing ? '{}' : JSON.stringify({ keys: jwks.keys }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    jwks = new JwksServer(server);
    return jwks;
  }

  get url(): string {
    const address = this.server.address();
    return `http://127.0.0.1:${isAddress(address) ? address.port : 0}/keys`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
const isAddress = (address: AddressInfo | string | null): address is AddressInfo => typeof address === 'object' && address !== null;
