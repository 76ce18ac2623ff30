import type { JsonObject } from '../common/index.js';

/** Whom a notification is for. */
export type Audience = 'user' | 'admins' | 'all';

export const NOTIFICATION_KINDS = [
  'review-liked',
  'place-reviewed',
  'place-changed',
  'place-created',
  'announcement',
] as const;

/** What a notification tells of; the event of a stream bears its name. */
export type NotificationKind = (typeof NOTIFICATION_KINDS)[number];

/** Something that is to be told. */
export interface NewNotification {
  /** The same source is told once, however often it is given. */
  readonly source: string;
  readonly audience: Audience;
  /** Null unless it is for one user. */
  readonly userId: string | null;
  /** Whose action it tells of; what one user can send to a list is bounded. Left out when it is the service itself. */
  readonly senderId?: string;
  readonly kind: NotificationKind;
  /** Of people no more than their ids, since names change and people leave. */
  readonly data: JsonObject;
}

/** Something that people are told. */
export interface Notification extends Omit<NewNotification, 'source' | 'senderId'> {
  /** Whoever has been told this one has been told all with smaller ids. */
  readonly id: number;
  readonly createdAt: Date;
}

/** Who reads: a user, and whether what admins are told is for them too. */
export interface Reader {
  readonly id: string;
  readonly role: 'user' | 'admin';
}

/** The id of a user, or everybody of a kind: each has a list of notifications of its own. */
export type Recipient = string;

/** The lists a reader reads. */
export function recipientsOf({ id, role }: Reader): Recipient[] {
  return role === 'admin' ? [id, 'admins', 'all'] : [id, 'all'];
}

/** Whom the notifications of a list are for. */
export function audienceOf(recipient: Recipient): Pick<Notification, 'audience' | 'userId'> {
  if (recipient === 'all' || recipient === 'admins') return { audience: recipient, userId: null };
  return { audience: 'user', userId: recipient };
}

/** The list a notification stands in. */
export function recipientOf({ audience, userId }: Pick<Notification, 'audience' | 'userId'>): Recipient {
  return userId ?? audience;
}
