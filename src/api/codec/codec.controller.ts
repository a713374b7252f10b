import { Controller, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { PayloadDecoder } from '../../application/ports/api-queries.port.js';
import { Call } from '../common/call.js';
import { Endpoint, type CallOf } from '../common/route.js';
import { TEMPORAL_UI_ORIGIN, TOKENS } from '../dependencies.js';
import * as routes from './codec.routes.js';

/** The allowing headers of a CORS preflight; the exact origin itself is set for the whole path (server-hooks.ts). */
@Controller()
export class CodecPreflightController {
  constructor(@Inject(TEMPORAL_UI_ORIGIN) private readonly origin: string | null) {}

  @Endpoint(routes.decodePreflight)
  preflight(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): void {
    if (this.origin === null || request.headers.origin !== this.origin) return;
    void reply.headers({ 'access-control-allow-methods': 'POST', 'access-control-allow-headers': 'authorization, content-type, x-namespace', 'access-control-max-age': '600' });
  }
}

/** Decodes only: nothing here could encrypt something for the engine to run. */
@Controller()
export class OperatorCodecController {
  constructor(@Inject(TOKENS.payloadDecoder) private readonly decoder: PayloadDecoder) {}

  @Endpoint(routes.decodeForOperators)
  async decode(@Call() call: CallOf<typeof routes.decodeForOperators>) {
    return { payloads: await this.decoder.decode(call.body.payloads) };
  }
}

@Controller()
export class SandboxCodecController {
  constructor(@Inject(TOKENS.payloadDecoder) private readonly decoder: PayloadDecoder) {}

  @Endpoint(routes.decodeInSandbox)
  async decode(@Call() call: CallOf<typeof routes.decodeInSandbox>) {
    return { payloads: await this.decoder.decode(call.body.payloads) };
  }
}
