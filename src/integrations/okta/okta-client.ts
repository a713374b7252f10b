import { Client } from '@okta/okta-sdk-nodejs';
import type { Collection } from '@okta/okta-sdk-nodejs';
import { z } from 'zod';
import { failureOf } from '../http/provider-failure.js';
import { PageTrail } from '../http/page-trail.js';
import { staysBelow } from '../http/service-url.js';
import type { OktaCall } from './okta-answers.js';
import { OktaTransport } from './okta-transport.js';
import type { TransportOptions } from './okta-transport.js';

/** The SDK, one per connector, behind {@link OktaTransport}; results are parsed, since the SDK's models are not checked. */
export class OktaClient {
  private readonly sdk: Client;
  private readonly transport: OktaTransport;

  constructor(private readonly options: TransportOptions) {
    this.transport = new OktaTransport(options);
    this.sdk = new Client({
      orgUrl: options.orgUrl,
      authorizationMode: 'SSWS',
      // A placeholder that is always set: an undefined token falls back to OKTA_CLIENT_TOKEN and okta.yaml. The transport replaces the header.
      token: 'set-by-the-transport',
      requestExecutor: this.transport,
      // The default cache has no expiry and goes on telling an old state; it also hangs on large answers (okta-sdk-nodejs#56).
      cacheMiddleware: null,
    });
  }

  async one<S extends z.ZodType>(call: OktaCall, schema: S, signal: AbortSignal | undefined, run: (sdk: Client) => Promise<unknown>): Promise<z.infer<S>> {
    const { value } = await this.transport.within(call, signal, () => run(this.sdk));
    return this.parsed(call, schema, value);
  }

  /** A write that Okta answers with 204; answers Okta's request id. Another 2xx is somebody else's answer: whether Okta was reached, a read must tell. */
  async write(call: OktaCall, signal: AbortSignal | undefined, run: (sdk: Client) => Promise<void>): Promise<string | undefined> {
    const { requestId, status } = await this.transport.within(call, signal, () => run(this.sdk));
    if (status !== 204) throw failureOf(call, 'unknownOutcome', `HTTP ${status ?? 0} where its contract says 204`, status === undefined ? {} : { status });
    return requestId;
  }

  /**
   * Every page in Okta's order, empty ones included. Neither `Collection.each` (stops at an empty page that has a next one)
   * nor for-await (yields null there) is used; next links are checked for host and for going in circles.
   */
  async *pages<S extends z.ZodType>(
    call: OktaCall,
    schema: S,
    signal: AbortSignal | undefined,
    run: (sdk: Client) => Promise<Collection<unknown>>,
  ): AsyncGenerator<{ items: z.infer<S>[]; requestId: string | undefined; next: string | undefined }> {
    const { value: collection } = await this.transport.within(call, signal, () => run(this.sdk));
    const trail = new PageTrail();
    const checked = (next: string | undefined): string | undefined => {
      if (next !== undefined && (!trail.leadsOn(next) || !staysBelow(`${this.options.orgUrl}/api/v1`, next))) throw failureOf(call, 'invalidAnswer', 'its page link leads back or to another host');
      return next;
    };
    for (let next = checked(nextOf(collection)); next !== undefined;) {
      const page = await this.transport.within(call, signal, () => collection.getNextPage());
      next = checked(nextOf(collection));
      yield { items: this.parsed(call, z.array(schema), page.value), requestId: page.requestId, next };
    }
  }

  private parsed<S extends z.ZodType>(call: OktaCall, schema: S, value: unknown): z.infer<S> {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    const where = result.error.issues[0]?.path.join('.') ?? '';
    throw failureOf(call, call.writes ? 'unknownOutcome' : 'invalidAnswer', `its answer lacks what its contract promises (${where})`);
  }
}

/** The SDK's typings say `string`; at the last page it is undefined. */
function nextOf(collection: Collection<unknown>): string | undefined {
  const next: string | undefined = collection.nextUri;
  return next;
}
