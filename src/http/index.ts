export { drain, setUpApp, setUpRoutes } from './app.setup.js';
export { listenOrExplain } from './listen.js';
export { buildDocument } from './openapi/document.js';
export { createAdapter } from './server.js';
export { stopOnSignals } from './stop-on-signals.js';
