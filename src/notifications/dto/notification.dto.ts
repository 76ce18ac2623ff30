import { ApiProperty } from '@nestjs/swagger';
import { NOTIFICATION_KINDS, type NotificationKind } from '../notification.js';
import type { ReadNotification } from '../notifications.service.js';

/** Notification. */
export class NotificationDto {
  /**
   * Id, increasing with time; equals the `id` of the event in the stream.
   * @example 1024
   */
  id!: number;

  /**
   * Kind; equals the `event` in the stream.
   * @example 'place-reviewed'
   */
  @ApiProperty({ enum: NOTIFICATION_KINDS })
  kind!: NotificationKind;

  /**
   * Data by kind: `review-liked {reviewId, placeId}`, `place-reviewed {placeId, name, reviewId}`,
   * `place-changed {placeId, name}`, `place-created {placeId, name}`, `announcement {id, title, body}`.
   */
  @ApiProperty({ type: 'object', additionalProperties: true, example: { placeId: 1, name: '초록상점', reviewId: 7 } })
  data!: object;

  /** Time of creation. */
  createdAt!: Date;

  /** Whether you have marked this notification, or a later one, as read. */
  read!: boolean;

  static from({ id, kind, data, createdAt, read }: ReadNotification): NotificationDto {
    return Object.assign(new NotificationDto(), { id, kind, data, createdAt, read });
  }
}
