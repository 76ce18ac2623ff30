export { UnrecoverableError } from 'bullmq';
export { defineJob, type JobContext, type JobDefinition } from './define-job.js';
export { JobQueue } from './job-queue.js';
export { DEFAULT_JOB_SETTINGS, JOB_SETTINGS, type JobSettings } from './job-settings.js';
export { JobWorker } from './worker/job-worker.js';
export { Job } from './job.decorator.js';
export { Jobs, JOB_STATES, type JobPosition, type JobState, type JobStatus } from './jobs.js';
export { InvalidJobsError } from './jobs.errors.js';
export { JobsModule } from './jobs.module.js';
