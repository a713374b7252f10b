import { Controller, Inject } from '@nestjs/common';
import type { SandboxControl } from '../../application/ports/api-commands.port.js';
import type { SandboxInfo, SignInAnswer } from '../../contracts/sandbox.contract.js';
import type { SandboxAuthenticator } from '../auth/sandbox.authenticator.js';
import { Call } from '../common/call.js';
import { problemOf } from '../common/problem.js';
import { Endpoint, type CallOf } from '../common/route.js';
import { SANDBOX } from '../dependencies.js';
import * as routes from './sandbox.routes.js';

export interface SandboxMode { readonly info: SandboxInfo; readonly tokens: SandboxAuthenticator; readonly control: SandboxControl }

/** Composed in sandbox mode only; elsewhere these paths are 404 like any other that does not exist. */
@Controller()
export class SandboxController {
  constructor(@Inject(SANDBOX) private readonly sandbox: SandboxMode) {}

  @Endpoint(routes.getSandbox)
  info(@Call() _call: CallOf<typeof routes.getSandbox>): SandboxInfo {
    return this.sandbox.info;
  }

  @Endpoint(routes.signIn)
  async signIn(@Call() call: CallOf<typeof routes.signIn>): Promise<SignInAnswer> {
    const { accountId, displayName, siteId, roles } = this.personOf(call.body.accountId);
    const { token, expiresAt } = await this.sandbox.tokens.issue({ accountId, displayName, siteId, roles });
    return { token, accountId, displayName, roles, expiresAt };
  }

  @Endpoint(routes.createPortalRequest)
  createPortalRequest(@Call() call: CallOf<typeof routes.createPortalRequest>) {
    this.personOf(call.body.accountId);
    return this.sandbox.control.createPortalRequest(call.body);
  }

  @Endpoint(routes.advanceClock)
  advanceClock(@Call() call: CallOf<typeof routes.advanceClock>) {
    return this.sandbox.control.advanceClock(call.body.advanceHours);
  }

  private personOf(accountId: string): SandboxInfo['people'][number] {
    const person = this.sandbox.info.people.find((candidate) => candidate.accountId === accountId);
    if (!person) throw problemOf('person.not_found', 'Nobody in the sandbox has this account id', { path: 'accountId' });
    return person;
  }
}
