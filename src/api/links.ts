import type { FastifyRequest } from 'fastify';

export interface Link {
  href: string;
  rel: string;
}

/** Where this API is, as whoever asks sees it. */
export class Links {
  constructor(private readonly publicEndpoint: string | null) {}

  /** Without a slash at its end. */
  base(request: FastifyRequest): string {
    return this.publicEndpoint?.replace(/\/+$/, '') ?? `${request.protocol}://${request.host}`;
  }

  /** The two links that Ironic gives of a resource. */
  of(base: string, path: string): Link[] {
    return [
      { href: `${base}/v1/${path}`, rel: 'self' },
      { href: `${base}/${path}`, rel: 'bookmark' },
    ];
  }

  /** The same URL, for the page after the last item of this one. */
  next(request: FastifyRequest, limit: number, last: string): string {
    // Of a request to a proxy, the URL is whole.
    const [path = '', query] = request.url.replace(/^https?:\/\/[^/?]*/i, '').split('?', 2);
    const parameters = new URLSearchParams(query);
    parameters.set('limit', String(limit));
    parameters.set('marker', last);
    return `${this.base(request)}${path}?${parameters.toString()}`;
  }
}
