import type { OpenAPIObject } from '@nestjs/swagger';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

const RATE_LIMIT_HEADERS = {
  'RateLimit-Policy': {
    description: 'Limits of the request: name, and quota of `q` requests in any `w` seconds.',
    schema: { type: 'string' as const },
    example: '"user";q=100;w=60, "createPlace";q=10;w=60',
  },
  RateLimit: {
    description: 'State of each limit: `r` requests remaining, more in `t` seconds.',
    schema: { type: 'string' as const },
    example: '"user";r=42;t=7, "createPlace";r=9;t=58',
  },
  'X-RateLimit-Limit': {
    description: 'Quota of the most restrictive limit, in requests per window.',
    schema: { type: 'integer' as const },
    example: 100,
  },
  'X-RateLimit-Remaining': {
    description: 'Remaining requests of the most restrictive limit.',
    schema: { type: 'integer' as const },
    example: 42,
  },
  'X-RateLimit-Used': {
    description: 'Used requests of the most restrictive limit.',
    schema: { type: 'integer' as const },
    example: 58,
  },
};

const RETRY_AFTER = {
  description: 'Seconds after which the request may be retried.',
  schema: { type: 'integer' as const },
  example: 7,
};

/** Whether requests to a route are rate-limited. */
export function isLimited({ tags }: Operation): boolean {
  return tags?.includes('health') !== true;
}

/** Documents the rate limit headers on all successful responses and on 429. */
export function describeRateLimits(document: OpenAPIObject, operations: readonly Operation[]): void {
  document.components = { ...document.components, headers: { ...RATE_LIMIT_HEADERS, 'Retry-After': RETRY_AFTER } };
  for (const { responses } of operations.filter(isLimited)) {
    for (const [status, response] of Object.entries(responses)) {
      if (response === undefined || '$ref' in response || !/^2|429/.test(status)) continue;
      const names = [...Object.keys(RATE_LIMIT_HEADERS), ...(status === '429' ? ['Retry-After'] : [])];
      const headers = names.map((name) => [name, { $ref: `#/components/headers/${name}` }] as const);
      response.headers = { ...response.headers, ...Object.fromEntries(headers) };
    }
  }
}
