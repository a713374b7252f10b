// Reads what the cluster test needs out of docker-compose.temporal.yml: the environment and the script of a service,
// interpolated as Compose would. It understands the few forms of YAML that this file uses and refuses others.
import { readFileSync } from 'node:fs';

export function readEnvFile(url) {
  return Object.fromEntries(readFileSync(url, 'utf8').split('\n').filter((line) => /^[A-Z]/.test(line)).map((line) => line.split('=')).map(([name, ...value]) => [name, value.join('=')]));
}

export function readService(url, name, variables) {
  const block = indented(readFileSync(url, 'utf8').split('\n'), `  ${name}:`, 4);
  return { environment: readEnvironment(block, variables), script: readScript(block, variables), text: block.join('\n') };
}

/** The lines after `head` that are blank or indented by at least `depth`. */
function indented(lines, head, depth) {
  const start = lines.findIndex((line) => line.trimEnd() === head);
  if (start === -1) throw new Error(`there is no line "${head}" in the compose file`);
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => line.trim() !== '' && !line.startsWith(' '.repeat(depth)));
  return end === -1 ? rest : rest.slice(0, end);
}

function readEnvironment(block, variables) {
  const environment = {};
  let folded = null;
  for (const line of indented(block, '    environment:', 6)) {
    const entry = /^ {6}([A-Z_0-9]+): (.*)$/.exec(line);
    if (entry) {
      folded = entry[2] === '>-' ? entry[1] : null;
      environment[entry[1]] = folded ? '' : interpolate(entry[2].replace(/^"(.*)"$/, '$1'), variables);
    } else if (folded && /^ {8}\S/.test(line)) environment[folded] = `${environment[folded]} ${line.trim()}`.trim();
    else if (line.trim() !== '' && !line.trim().startsWith('#')) throw new Error(`the cluster test does not understand this line of the compose file: ${line}`);
  }
  return environment;
}

function readScript(block, variables) {
  if (!block.some((line) => line.trimEnd() === '      - |')) return undefined;
  return interpolate(indented(block, '      - |', 8).map((line) => line.slice(8)).join('\n'), variables);
}

function interpolate(text, variables) {
  return text.replace(/\$\$|\$\{([A-Z_]+)(?::([-?])([^}]*))?\}/g, (found, name, kind, rest) => {
    if (found === '$$') return '$';
    const value = variables[name];
    if (value !== undefined && value !== '') return value;
    if (kind === '-') return rest;
    throw new Error(`${name} is not set: ${rest ?? ''}`);
  });
}
