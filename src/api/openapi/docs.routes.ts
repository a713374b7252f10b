import { z } from 'zod';
import { API } from '../common/paths.js';
import { Public, route } from '../common/route.js';

const tag = 'Documentation';

export const getDocument = route({ method: 'GET', path: `${API}/openapi.json`, operation: 'getOpenApiDocument', tag, access: Public, kind: 'plain', answers: { 200: z.looseObject({ openapi: z.string() }) }, summary: 'This document.' });
export const getDocsPage = route({ method: 'GET', path: '/api/docs', operation: 'getDocsPage', tag, access: Public, kind: 'plain', answers: { 200: z.string() }, mediaTypes: ['text/html'], summary: 'The document for reading.' });
export const getDocsAsset = route({
  method: 'GET', path: '/api/docs/:file', operation: 'getDocsAsset', tag, access: Public, kind: 'plain', params: z.strictObject({ file: z.enum(['swagger-ui.css', 'swagger-ui-bundle.js', 'start.js']) }),
  answers: { 200: z.string() }, mediaTypes: ['text/css', 'text/javascript'], summary: 'Scripts and styles of the page.',
});
