import type { Announcement } from '../notifications.service.js';

/** Announcement to all users. */
export class AnnouncementDto {
  /**
   * UUID of the announcement, also in the `data` of its notification.
   * @example '8c0d5f0e-51f3-4d3b-9a51-6a0f5d1c7e21'
   */
  id!: string;

  /**
   * Title of the announcement.
   * @example '리필데이 안내'
   */
  title!: string;

  /**
   * Text of the announcement.
   * @example '이번 토요일은 모든 리필 스테이션이 10% 할인합니다.'
   */
  body!: string;

  static from({ id, title, body }: Announcement): AnnouncementDto {
    return Object.assign(new AnnouncementDto(), { id, title, body });
  }
}
