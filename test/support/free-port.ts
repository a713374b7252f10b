export { freePort } from '../../src/stack/ports.js';
