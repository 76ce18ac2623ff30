import { Injectable } from '@nestjs/common';
import { OnDomainEvent } from '../database/index.js';
import { PlaceCreated, PlaceEdited, PlacesService } from '../places/index.js';
import { ReviewLiked, ReviewWritten } from '../reviews/index.js';
import { UserWithdrawn } from '../users/index.js';
import { NotificationDelivery } from './notification-delivery.js';

/** Edits of a place within the same period are merged into one notification: ten minutes, by database time. */
const MERGE_PERIOD_MS = 600_000;

/** Creates notifications from domain events, in the transaction that publishes the event. */
@Injectable()
export class NotificationsListener {
  constructor(
    private readonly delivery: NotificationDelivery,
    private readonly places: PlacesService,
  ) {}

  /** Liking the same review again creates no new notification. */
  @OnDomainEvent(ReviewLiked)
  async notifyAuthor({ reviewId, placeId, authorId, likedBy }: ReviewLiked): Promise<void> {
    if (authorId === null || authorId === likedBy) return;
    const source = `review-liked:${reviewId}:${likedBy}`;
    const data = { reviewId, placeId };
    const recipient = { audience: 'user', userId: authorId, senderId: likedBy } as const;
    await this.delivery.post({ source, ...recipient, kind: 'review-liked', data });
  }

  @OnDomainEvent(ReviewWritten)
  async notifyOwner({ reviewId, placeId, authorId }: ReviewWritten): Promise<void> {
    const { ownerId, name } = await this.places.get(placeId);
    if (ownerId === null || ownerId === authorId) return;
    const source = `place-reviewed:${reviewId}`;
    const data = { placeId, name, reviewId };
    const recipient = { audience: 'user', userId: ownerId, senderId: authorId } as const;
    await this.delivery.post({ source, ...recipient, kind: 'place-reviewed', data });
  }

  /** One notification per period, sent at the first edit; readers of the place see the newest edit. */
  @OnDomainEvent(PlaceEdited)
  async notifyBookmarkers({ placeId, name, editedAt, editorId }: PlaceEdited): Promise<void> {
    const source = `place-changed:${placeId}:at:${Math.floor(editedAt.getTime() / MERGE_PERIOD_MS)}`;
    const data = { placeId, name };
    await this.delivery.post({ source, placeId, exceptId: editorId, after: null, kind: 'place-changed', data });
  }

  @OnDomainEvent(PlaceCreated)
  async notifyAdmins({ placeId, name, ownerId }: PlaceCreated): Promise<void> {
    const source = `place-created:${placeId}`;
    const data = { placeId, name };
    const recipient = { audience: 'admins', userId: null, senderId: ownerId } as const;
    await this.delivery.post({ source, ...recipient, kind: 'place-created', data });
  }

  /** Drops the cached history of the user; foreign keys delete the stored notifications. */
  @OnDomainEvent(UserWithdrawn)
  async dropHistory({ userId }: UserWithdrawn): Promise<void> {
    await this.delivery.dropHistories(userId);
  }
}
