import { hearTime } from './clock';
import { apiBase } from './config';

/** Reading ends at last: a server that hangs must not leave old figures on the page without a word. What changes something may take its time. */
const readMilliseconds = 30_000;

/** An answer that is no success, or none at all (status 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    /** What is wrong with each member of the request. */
    readonly fields: Record<string, string[]> = {},
  ) {
    super(message);
  }
}

interface Problem {
  title?: string;
  detail?: string;
  errors?: Record<string, string[]>;
}

/** Calls the API; `path` begins with a slash. The header tells the server that one of its own pages asks: no other site's can send it. */
async function ask(method: string, path: string, body?: unknown, signal?: AbortSignal, idempotencyKey?: string): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (method !== 'GET') {
    headers['X-Postoffice-Dashboard'] = '1';
  }

  if (idempotencyKey !== undefined) {
    headers['Idempotency-Key'] = idempotencyKey;
  }

  if (body !== undefined) {
    headers['Content-Type'] = 'application/json';
  }

  const until = method === 'GET' ? AbortSignal.any([AbortSignal.timeout(readMilliseconds), ...(signal ? [signal] : [])]) : signal;
  const asked = Date.now();
  let response: Response;
  try {
    response = await fetch(apiBase + path, { method, headers, body: raw(body), signal: until, credentials: 'same-origin', redirect: 'manual' });
  } catch (error) {
    throw signal?.aborted ? error : new ApiError(0, method === 'GET'
      ? 'Postoffice does not answer. Is the host running, and the network there?'
      : 'Postoffice did not answer. What you asked for may have happened all the same: look before you ask again.');
  }

  hearTime(response.headers.get('Date'), asked, Date.now());

  // A login page is no answer of ours.
  if (response.type === 'opaqueredirect' || response.status === 401) {
    throw new ApiError(401, 'You are no longer logged in. Reload the page to log in again.');
  }

  if (!response.ok) {
    throw await toError(response);
  }

  if (response.status !== 204 && !response.headers.get('Content-Type')?.includes('json')) {
    throw new ApiError(0, 'Something else has answered in place of Postoffice: a proxy, or a login page. Reload the page.');
  }

  return response;
}

async function call<T>(method: string, path: string, body?: unknown, signal?: AbortSignal, idempotencyKey?: string): Promise<T> {
  const response = await ask(method, path, body, signal, idempotencyKey);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

/** Whatever has gone wrong, as what the page can show. An answer that breaks off is none. */
export function toApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError(0, `The answer could not be read to its end. ${error instanceof Error ? error.message : String(error)}`);
}

/** A body that is text is JSON already, byte for byte as somebody wrote it. */
function raw(body: unknown): string | undefined {
  return body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
}

async function toError(response: Response): Promise<ApiError> {
  let problem: Problem = {};
  try {
    problem = (await response.json()) as Problem;
  } catch {
    // Not from us: the status says all there is.
  }

  const message = problem.detail ?? problem.title ?? `The server answered with ${response.status}.`;
  return new ApiError(response.status, message, problem.errors);
}

export const get = <T>(path: string, signal?: AbortSignal) => call<T>('GET', path, undefined, signal);

/** The answer as it is written: parsing JSON would round large numbers, and forget how the others are spelt. */
export const getText = async (path: string, signal?: AbortSignal) => (await ask('GET', path, undefined, signal)).text();
/** With a key, asking again after a lost answer does it once. */
export const post = <T>(path: string, body?: unknown, idempotencyKey?: string) => call<T>('POST', path, body, undefined, idempotencyKey);
export const patch = <T>(path: string, body: unknown) => call<T>('PATCH', path, body);
export const remove = (path: string) => call<void>('DELETE', path);

/** Leaves out what is empty. */
export function query(parameters: Record<string, string | number | null | undefined>): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== null && value !== undefined && value !== '');
  return given.length === 0 ? '' : '?' + given.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`).join('&');
}
