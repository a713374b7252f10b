import { rm } from 'node:fs/promises';

export default async function stopServers() {
  const servers = globalThis.aiclearanceTestServers;
  if (servers === undefined) return;
  await Promise.all(servers.running.map((server) => server.stop()));
  await rm(servers.folder, { recursive: true, force: true });
}
