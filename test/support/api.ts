/** Token, headers and body of a request. */
export interface CallOptions {
  /** Access token. */
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
}

/** Response with its body as text; also parsed if it is JSON. */
export interface ApiResponse<T = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
  readonly text: string;
}

/** HTTP client of one instance. */
export class Api {
  /** @param origin such as `http://127.0.0.1:3000` */
  constructor(readonly origin: string) {}

  get<T = Record<string, unknown>>(path: string, options?: CallOptions): Promise<ApiResponse<T>> {
    return this.call('GET', path, options);
  }

  post<T = Record<string, unknown>>(path: string, body?: unknown, options?: CallOptions): Promise<ApiResponse<T>> {
    return this.call('POST', path, { ...options, body });
  }

  put<T = Record<string, unknown>>(path: string, options?: CallOptions): Promise<ApiResponse<T>> {
    return this.call('PUT', path, options);
  }

  patch<T = Record<string, unknown>>(path: string, body: unknown, options?: CallOptions): Promise<ApiResponse<T>> {
    return this.call('PATCH', path, { ...options, body });
  }

  delete<T = Record<string, unknown>>(path: string, options?: CallOptions): Promise<ApiResponse<T>> {
    return this.call('DELETE', path, options);
  }

  /** @param path below `/api/v1`; with `//` at its beginning, below the origin */
  async call<T>(method: string, path: string, { token, headers, body }: CallOptions = {}): Promise<ApiResponse<T>> {
    const response = await fetch(this.urlOf(path), {
      method,
      redirect: 'manual',
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = text !== '' && (response.headers.get('content-type') ?? '').includes('json');
    return { status: response.status, headers: response.headers, text, body: (isJson ? JSON.parse(text) : {}) as T };
  }

  private urlOf(path: string): string {
    return path.startsWith('//') ? this.origin + path.slice(1) : `${this.origin}/api/v1${path}`;
  }
}
