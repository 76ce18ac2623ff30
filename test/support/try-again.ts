/** Suites that count: one stale read, one job done twice, one pass too many is a failure, whatever came after. */
const COUNTING = /[/](race|crash|locks)[/]|deaths|kills|sliding|counters|property|resume|requests[.]e2e|numbering/;

// Elsewhere a machine that is busy with something else can be late: what fails is told, and tried once more.
if (!COUNTING.test(expect.getState().testPath ?? '')) jest.retryTimes(1, { logErrorsBeforeRetry: true });
