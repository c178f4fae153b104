import { ServerConnection } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';
import type { Event } from '@jupyterlab/services';

/** What a test server answers: a status and a body, or a failure of the network. */
export type Answer = { status?: number; body?: unknown; text?: string } | Error;

/** A request as the test server saw it. */
export interface ISeen {
  method: string;
  path: string;
  query: URLSearchParams;
  body: unknown;
}

/** Settings whose requests are answered by a function; everything else is the real thing. */
export function serveWith(answer: (request: ISeen) => Answer | Promise<Answer>): {
  settings: ServerConnection.ISettings;
  seen: ISeen[];
} {
  const seen: ISeen[] = [];
  const settings = ServerConnection.makeSettings({
    baseUrl: 'http://localhost/a%40b/',
    wsUrl: 'ws://localhost/a%40b/',
    appendToken: false,
    // Like the browser's own, it is no method of the settings.
    async fetch(this: unknown, input: RequestInfo) {
      if (this === settings) {
        throw new TypeError('Illegal invocation');
      }
      const request = input as Request;
      const url = new URL(request.url);
      const text = await request.text();
      const entry = {
        method: request.method,
        path: url.pathname.replace('/a%40b/trackside/', ''),
        query: url.searchParams,
        body: text ? JSON.parse(text) : undefined
      };
      seen.push(entry);
      const reply = await answer(entry);
      if (reply instanceof Error) {
        throw reply;
      }
      return new Response(reply.text ?? JSON.stringify(reply.body ?? {}), {
        status: reply.status ?? 200
      });
    }
  });
  return { settings, seen };
}

/** An event stream on which a test rings. */
export class Events {
  readonly stream = new Signal<this, Event.Emission>(this);

  /** The part of the event manager that the model uses. */
  get manager(): Event.IManager {
    return this as unknown as Event.IManager;
  }

  ring(data: Record<string, string | number>, schema = 'urn:trackside:events:job:v1'): void {
    this.stream.emit({ schema_id: schema, ...data });
  }
}
