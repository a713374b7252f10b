import { Controller, Inject } from '@nestjs/common';
import type { Diagnoses } from '../../application/ports/diagnosis.port.js';
import { Call } from '../common/call.js';
import { Endpoint, type CallOf } from '../common/route.js';
import { TOKENS } from '../dependencies.js';
import * as routes from './diagnoses.routes.js';

@Controller()
export class DiagnosesController {
  constructor(@Inject(TOKENS.diagnoses) private readonly diagnoses: Diagnoses) {}

  @Endpoint(routes.getDiagnosis)
  diagnose(@Call() call: CallOf<typeof routes.getDiagnosis>) {
    return this.diagnoses.diagnose(call.principal, call.params.issueKey);
  }
}
