import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';

/** The prefix of every route of the server extension. */
const ROOT = 'trackside';

/** How long a request may take before it counts as unanswered. */
const TIMEOUT = 30_000;

/**
 * What went wrong, as far as the reader's next step differs.
 *
 * - `network`: the Jupyter server did not answer
 * - `missing`: it answered, but has no Trackside extension
 * - `denied`: it does not let this user in
 * - `refused`: Trackside understood the request and said no, with a sentence
 * - `broken`: the server failed
 */
export type ErrorKind = 'network' | 'missing' | 'denied' | 'refused' | 'broken';

/** A request that did not succeed. */
export class ApiError extends Error {
  constructor(
    readonly kind: ErrorKind,
    message: string,
    readonly details: {
      status?: number;
      code?: string;
      hint?: string | null;
      reason?: string | null;
      /** Where in a filter or an order it is wrong, in characters. */
      position?: number;
      length?: number;
    } = {}
  ) {
    super(message);
    this.name = 'ApiError';
  }

  /** Whether trying again later may help without anybody doing anything. */
  get isTemporary(): boolean {
    return this.kind === 'network' || this.kind === 'broken';
  }
}

/** Options of a request. */
export interface IRequestOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as the fields and files of a form, in the place of a body. */
  form?: FormData;
  /** The query string; `undefined` and `null` are left out. */
  query?: Record<string, string | number | boolean | string[] | null | undefined>;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** Whether the answer may take its time: it is long. */
  isLong?: boolean;
}

/** The address of a route of the server extension. */
export function routeUrl(
  settings: ServerConnection.ISettings,
  path: string,
  query: IRequestOptions['query'] = {}
): string {
  return URLExt.join(settings.baseUrl, ROOT, path) + queryString(query);
}

/** The address of a WebSocket of the server extension. */
export function socketUrl(
  settings: ServerConnection.ISettings,
  path: string,
  query: IRequestOptions['query'] = {}
): string {
  const token = settings.appendToken && settings.token ? settings.token : undefined;
  return URLExt.join(settings.wsUrl, ROOT, path) + queryString({ ...query, token });
}

/** Ask the server extension for JSON. */
export async function request<T>(
  settings: ServerConnection.ISettings,
  path: string,
  options: IRequestOptions = {}
): Promise<T> {
  const response = await send(settings, path, options);
  const text = await response.text();
  if (!text) {
    return {} as T;
  }
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new ApiError('broken', text.slice(0, 200), { status: response.status });
  }
}

/** Ask the server extension for anything; the answer is a success. */
export async function send(
  settings: ServerConnection.ISettings,
  path: string,
  options: IRequestOptions = {}
): Promise<Response> {
  const { method = 'GET', body, form, query, headers, signal, isLong = false } = options;
  const signals = [signal, isLong ? undefined : AbortSignal.timeout(TIMEOUT)];
  const init: RequestInit = {
    method,
    headers,
    body: form,
    signal: AbortSignal.any(signals.filter(one => one !== undefined))
  };
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { ...headers, 'Content-Type': 'application/json' };
  }
  let response: Response;
  try {
    response = await ServerConnection.makeRequest(routeUrl(settings, path, query), init, settings);
  } catch (reason) {
    if (signal?.aborted) {
      throw reason;
    }
    throw new ApiError('network', String(reason));
  }
  if (!response.ok) {
    throw await toError(response);
  }
  return response;
}

/** A sentence or two about an error: what happened and what to do. */
export function explain(error: unknown, trans: Pick<TranslationBundle, '__'>): string {
  if (error instanceof Error && error.name === 'ChunkLoadError') {
    // The code of most views and forms is fetched when one is opened, and there may be nobody to give it.
    return trans.__(
      'This view could not be loaded: the Jupyter server does not answer. Open it again once it does.'
    );
  }
  if (!(error instanceof ApiError)) {
    return error instanceof Error ? error.message : String(error);
  }
  switch (error.kind) {
    case 'network':
      return trans.__(
        'The Jupyter server does not answer. Jobs go on; this view catches up by itself.'
      );
    case 'missing':
      return trans.__(
        'The Trackside server extension is not running. Enable it with “jupyter server extension enable trackside_server” and restart Jupyter.'
      );
    case 'denied':
      return trans.__(
        'The Jupyter server does not let you use Trackside. Sign in again or ask its administrator for access to “trackside”.'
      );
    case 'broken':
      return trans.__(
        'The Jupyter server failed to answer (%1). Its log says more.',
        error.details.status ?? trans.__('unreadable reply')
      );
    case 'refused':
      return [error.message, error.details.hint].filter(Boolean).join(' ');
  }
}

function queryString(query: IRequestOptions['query'] = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item !== undefined && item !== null) {
        search.append(name, String(item));
      }
    }
  }
  const text = search.toString();
  return text ? `?${text}` : '';
}

async function toError(response: Response): Promise<ApiError> {
  const { status } = response;
  const body = await readBody(response);
  const code = body.code ?? body.error_code;
  const message = body.message ?? response.statusText;
  const { hint, reason, position, length } = body;
  const details = { status, code, hint, reason, position, length };
  if (code) {
    // Our own verdict, whatever the status: it brings its sentence.
    return new ApiError(code === 'ENDPOINT_NOT_FOUND' ? 'missing' : 'refused', message, details);
  }
  if (status === 404 || status === 405) {
    return new ApiError('missing', message, details);
  }
  if (status === 401 || status === 403) {
    return new ApiError('denied', message, details);
  }
  return new ApiError(status >= 500 ? 'broken' : 'refused', message, details);
}

interface IErrorBody {
  message?: string;
  code?: string;
  error_code?: string;
  hint?: string | null;
  reason?: string | null;
  position?: number;
  length?: number;
}

async function readBody(response: Response): Promise<IErrorBody> {
  try {
    const body: unknown = await response.json();
    return typeof body === 'object' && body !== null ? (body as IErrorBody) : {};
  } catch {
    return {};
  }
}
