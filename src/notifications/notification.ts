import type { JsonObject } from '../common/index.js';

/** Recipients of a notification: one user, all admins, or all users. */
export type Audience = 'user' | 'admins' | 'all';

export const NOTIFICATION_KINDS = [
  'review-liked',
  'place-reviewed',
  'place-changed',
  'place-created',
  'announcement',
] as const;

/** Kind of a notification; also the event name of the stream and the socket. */
export type NotificationKind = (typeof NOTIFICATION_KINDS)[number];

/** A notification to be sent. */
export interface NewNotification {
  /** Deduplication key: notifications with the same source are stored and sent once. */
  readonly source: string;
  readonly audience: Audience;
  /** Null unless `audience` is `user`. */
  readonly userId: string | null;
  /** User whose action is reported, for the limit per sender and list; absent if the service is the sender. */
  readonly senderId?: string;
  readonly kind: NotificationKind;
  /** Contains only the ids of users, since names change and accounts are deleted. */
  readonly data: JsonObject;
}

/** A stored notification. */
export interface Notification extends Omit<NewNotification, 'source' | 'senderId'> {
  /** Ascending: a client that has received this id has received all its notifications with smaller ids. */
  readonly id: number;
  readonly createdAt: Date;
}

/** User who reads notifications; the role determines whether those for admins are included. */
export interface Reader {
  readonly userId: string;
  readonly role: 'user' | 'admin';
}

/** User id, `admins` or `all`; each recipient has its own list of notifications. */
export type Recipient = string;

/** Recipients whose lists the reader sees. */
export function recipientsOf({ userId, role }: Reader): Recipient[] {
  return role === 'admin' ? [userId, 'admins', 'all'] : [userId, 'all'];
}

/** Audience and user id of the notifications in a recipient's list. */
export function audienceOf(recipient: Recipient): Pick<Notification, 'audience' | 'userId'> {
  if (recipient === 'all' || recipient === 'admins') return { audience: recipient, userId: null };
  return { audience: 'user', userId: recipient };
}

/** Recipient whose list contains the notification. */
export function recipientOf({ audience, userId }: Pick<Notification, 'audience' | 'userId'>): Recipient {
  return userId ?? audience;
}
