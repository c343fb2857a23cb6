/**
 * Sends a request to RabbitMQ's management API.
 *
 * @param server URL of the API, with user and password
 * @param path below /api/
 * @throws Error that has method, path, status and the answer, when the status is an error
 */
export async function callManagement(server: URL, method: string, path: string, body?: object): Promise<Response> {
  const { username, password, origin } = server;
  const login = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
  const response = await fetch(`${origin}/api/${path}`, {
    method,
    headers: { authorization: `Basic ${login}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (response.ok) return response;
  throw new Error(`RabbitMQ management: ${method} ${path}: ${response.status} ${await response.text()}`);
}
