import { Injectable } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import { PlaceCreated, PlaceEdited, PlacesService } from '../places/index.js';
import { ReviewLiked, ReviewWritten } from '../reviews/index.js';
import { UserWithdrawn } from '../users/index.js';
import { NotificationDelivery } from './notification-delivery.js';

/** Edits of a place within this time are one notification: periods of ten minutes by the clock of the database. */
const MERGED_MS = 600_000;

/** Turns what happens into notifications, in the transaction in which it happens. */
@Injectable()
export class NotificationsListener {
  constructor(
    private readonly delivery: NotificationDelivery,
    private readonly places: PlacesService,
  ) {}

  /** Liking again after a while tells nothing new. */
  @OnEvent(ReviewLiked.event, { suppressErrors: false })
  async notifyAuthor({ reviewId, placeId, authorId, likedBy }: ReviewLiked): Promise<void> {
    if (authorId === null || authorId === likedBy) return;
    const source = `review-liked:${reviewId}:${likedBy}`;
    const data = { reviewId, placeId };
    const whom = { audience: 'user', userId: authorId, senderId: likedBy } as const;
    await this.delivery.post({ source, ...whom, kind: 'review-liked', data });
  }

  @OnEvent(ReviewWritten.event, { suppressErrors: false })
  async notifyOwner({ reviewId, placeId, authorId }: ReviewWritten): Promise<void> {
    const { ownerId, name } = await this.places.get(placeId);
    if (ownerId === null || ownerId === authorId) return;
    const source = `place-reviewed:${reviewId}`;
    const data = { placeId, name, reviewId };
    const whom = { audience: 'user', userId: ownerId, senderId: authorId } as const;
    await this.delivery.post({ source, ...whom, kind: 'place-reviewed', data });
  }

  /** The first edit within a period tells of it, and of those that follow; who looks sees the newest. */
  @OnEvent(PlaceEdited.event, { suppressErrors: false })
  async tellBookmarkers({ placeId, name, editedAt, editorId }: PlaceEdited): Promise<void> {
    const source = `place-changed:${placeId}:at:${Math.floor(editedAt.getTime() / MERGED_MS)}`;
    const data = { placeId, name };
    await this.delivery.post({ source, placeId, exceptId: editorId, after: null, kind: 'place-changed', data });
  }

  @OnEvent(PlaceCreated.event, { suppressErrors: false })
  async tellAdmins({ placeId, name, ownerId }: PlaceCreated): Promise<void> {
    const source = `place-created:${placeId}`;
    const data = { placeId, name };
    const whom = { audience: 'admins', userId: null, senderId: ownerId } as const;
    await this.delivery.post({ source, ...whom, kind: 'place-created', data });
  }

  /** Foreign keys of the database delete what was stored. */
  @OnEvent(UserWithdrawn.event, { suppressErrors: false })
  async forgetUser({ userId }: UserWithdrawn): Promise<void> {
    await this.delivery.forget(userId);
  }
}
