import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';

/** Time browsers may cache a preflight response; 7,200 s is Chromium's maximum. */
const PREFLIGHT_MAX_AGE_S = 7_200;

interface CorsOptions {
  readonly app: NestFastifyApplication;
  /** `CORS_ORIGINS`; empty: no CORS headers. */
  readonly origins: string[];
}

/**
 * Allows scripts of these origins to call the API, and responds to preflights. The hook runs before those of all other
 * plugins: Nest's adapter registers it when it is created.
 */
export function cors(_server: FastifyInstance, { app, origins }: CorsOptions): void {
  if (origins.length === 0) return;
  app.enableCors({
    origin: origins,
    credentials: true,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    // Handles OPTIONS without preflight headers like a preflight, instead of rejecting it in plain text.
    strictPreflight: false,
    maxAge: PREFLIGHT_MAX_AGE_S,
    exposedHeaders: [
      ...['ETag', 'Location', 'Retry-After', 'X-Cache', 'X-Request-Id'],
      ...['RateLimit', 'RateLimit-Policy', 'X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Used'],
    ],
  });
}
