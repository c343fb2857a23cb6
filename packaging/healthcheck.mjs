/* global console, fetch */
// Whether the worker or the API of a container is alive: exit code 0 or 1. Whichever runs there answers on its port.
import process from 'node:process';

const ports = [process.env.NETPROV_HEALTH_PORT || 8089, process.env.NETPROV_API_HEALTH_PORT || 8090];

async function askHealth(port) {
  const { status } = await fetch(`http://127.0.0.1:${port}/healthz`);
  if (status !== 200) throw new Error(`port ${port} answers ${status}`);
}

try {
  await Promise.any(ports.map(askHealth));
} catch ({ errors }) {
  console.error(
    `neither a worker nor an API is alive: ${errors.map(({ cause, message }) => cause ?? message).join('; ')}`,
  );
  process.exitCode = 1;
}
