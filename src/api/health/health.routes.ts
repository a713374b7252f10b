import { z } from 'zod';
import { liveAnswer, readyAnswer } from '../../contracts/health.contract.js';
import { Public, route } from '../common/route.js';

const tag = 'Operations';

export const live = route({ method: 'GET', path: '/health/live', operation: 'getLiveness', tag, access: Public, kind: 'plain', answers: { 200: liveAnswer }, summary: 'The process answers.' });
export const ready = route({ method: 'GET', path: '/health/ready', operation: 'getReadiness', tag, access: Public, kind: 'plain', answers: { 200: readyAnswer, 503: readyAnswer }, summary: 'Which part is away.' });
export const metrics = route({ method: 'GET', path: '/metrics', operation: 'getMetrics', tag, access: Public, kind: 'plain', answers: { 200: z.string() }, summary: 'Metrics in Prometheus\' text format.' });
