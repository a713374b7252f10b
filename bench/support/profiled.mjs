// Preloaded into a process that is to be profiled (--import): the parent says when, so that neither the start nor idle rounds are in the profile.
import { writeFile } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';

const session = new Session();
session.connect();
await session.post('Profiler.enable');
process.on('message', (message) => {
  if (message.profile === 'start') void session.post('Profiler.start');
  if (message.profile === 'stop') void session.post('Profiler.stop').then(({ profile }) => writeFile(message.file, JSON.stringify(profile))).then(() => process.send?.({ profiled: message.file }));
});
