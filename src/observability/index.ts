export { accessLog } from './access-log.plugin.js';
export { AppLogger, createPino } from './app-logger.js';
export { DurationHistogram } from './metrics/duration-histogram.js';
export { metricsRoute } from './metrics/metrics-route.plugin.js';
export { Metrics, type Sample } from './metrics/metrics.js';
export { MetricsModule } from './metrics/metrics.module.js';
export { requestMetrics } from './metrics/request-metrics.plugin.js';
export { requestContext } from './request-context.plugin.js';
export { makeRequestId, runWithRequestId } from './request-context.js';
