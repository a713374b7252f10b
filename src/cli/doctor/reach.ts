import { connect } from 'node:net';

export interface Address { readonly host: string; readonly port: number }

/** Whether anybody accepts a connection there, within the time in milliseconds. Nothing is sent. */
export function isListening({ host, port }: Address, patienceMs = 3_000): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(patienceMs, () => settle(false));
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}

/** Host and port of a URL, never its password; null when it names none, such as a socket file. */
export function addressOfUrl(text: string, defaultPort: number): Address | null {
  if (!URL.canParse(text)) return null;
  const { hostname, port } = new URL(text);
  return hostname === '' ? null : { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? defaultPort : Number(port) };
}

/** `host:port`, as TEMPORAL_ADDRESS is written. */
export const addressOfHostPort = (text: string, defaultPort: number): Address | null => addressOfUrl(`tcp://${text}`, defaultPort);

export const nameOf = ({ host, port }: Address): string => `${host}:${port}`;
