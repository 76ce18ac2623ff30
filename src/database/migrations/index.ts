import type { MigrationInterface } from 'typeorm';
import { Users1790000001000 } from './1790000001000-users.js';
import { Places1790000002000 } from './1790000002000-places.js';
import { PlaceSearch1790000002100 } from './1790000002100-place-search.js';
import { PlaceMarks1790000002200 } from './1790000002200-place-marks.js';
import { Reviews1790000003000 } from './1790000003000-reviews.js';
import { Outbox1790000004000 } from './1790000004000-outbox.js';
import { LockFences1790000005000 } from './1790000005000-lock-fences.js';
import { Jobs1790000006000 } from './1790000006000-jobs.js';
import { Notifications1790000007000 } from './1790000007000-notifications.js';
import { Activity1790000008000 } from './1790000008000-activity.js';
import { JobRunsByTime1790000009000 } from './1790000009000-job-runs-by-time.js';
import { HiddenCharacters1790000010000 } from './1790000010000-hidden-characters.js';
import { NotificationSenders1790000011000 } from './1790000011000-notification-senders.js';

/** Every migration, oldest first. A migration that has been released is never edited. */
export const MIGRATIONS: readonly (new () => MigrationInterface)[] = [
  Users1790000001000,
  Places1790000002000,
  PlaceSearch1790000002100,
  PlaceMarks1790000002200,
  Reviews1790000003000,
  Outbox1790000004000,
  LockFences1790000005000,
  Jobs1790000006000,
  Notifications1790000007000,
  Activity1790000008000,
  JobRunsByTime1790000009000,
  HiddenCharacters1790000010000,
  NotificationSenders1790000011000,
];
