export { logAccess } from './access-log.js';
export { AppLogger, createPino } from './app-logger.js';
export { DurationHistogram } from './metrics/duration-histogram.js';
export { measureRequests } from './metrics/http-metrics.js';
export { serveMetrics } from './metrics/metrics-access.js';
export { Metrics, type Sample } from './metrics/metrics.js';
export { MetricsModule } from './metrics/metrics.module.js';
export { requestContext, makeRequestId, runWithRequestId } from './request-context.js';
