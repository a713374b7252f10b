import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Controller, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Call } from '../common/call.js';
import { Endpoint, type CallOf } from '../common/route.js';
import { API_DOCUMENT } from '../dependencies.js';
import type { OpenApiDocument } from './document.js';
import * as routes from './docs.routes.js';

/** Scripts from here only; Swagger UI writes style attributes. */
const PAGE_POLICY = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
const PAGE = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>AI Clearance API</title><link rel="stylesheet" href="/api/docs/swagger-ui.css"></head>
<body><div id="docs"></div><script src="/api/docs/swagger-ui-bundle.js"></script><script src="/api/docs/start.js"></script></body>
</html>
`;
const START = "window.SwaggerUIBundle({ url: '/api/v1/openapi.json', dom_id: '#docs', deepLinking: true, validatorUrl: null, docExpansion: 'list' });\n";

@Controller()
export class DocsController {
  private readonly folder = dirname(fileURLToPath(import.meta.resolve('swagger-ui-dist/package.json')));
  constructor(@Inject(API_DOCUMENT) private readonly document: OpenApiDocument) {}

  @Endpoint(routes.getDocument)
  openapi(): OpenApiDocument {
    return this.document;
  }

  @Endpoint(routes.getDocsPage)
  page(@Res({ passthrough: true }) reply: FastifyReply): string {
    void reply.headers({ 'content-type': 'text/html; charset=utf-8', 'content-security-policy': PAGE_POLICY });
    return PAGE;
  }

  @Endpoint(routes.getDocsAsset)
  async asset(@Call() call: CallOf<typeof routes.getDocsAsset>, @Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    const { file } = call.params;
    void reply.header('content-type', file.endsWith('.css') ? 'text/css; charset=utf-8' : 'text/javascript; charset=utf-8');
    return file === 'start.js' ? START : readFile(join(this.folder, file), 'utf8');
  }
}
