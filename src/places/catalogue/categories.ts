import type { Localized } from '../../common/index.js';

/** All categories of places: code and localized names. */
export const CATEGORIES = {
  ZERO_WASTE: { ko: '제로웨이스트 샵', en: 'Zero-waste shop' },
  REFILL: { ko: '리필 스테이션', en: 'Refill station' },
  WORKSHOP: { ko: '친환경 공방', en: 'Workshop' },
  VEGAN: { ko: '비건 음식점', en: 'Vegan food' },
  CAFE: { ko: '친환경 카페', en: 'Café' },
  SECOND_HAND: { ko: '중고·새활용', en: 'Second-hand' },
} as const satisfies Record<string, Localized>;

export type Category = keyof typeof CATEGORIES;

export const CATEGORY_CODES = Object.keys(CATEGORIES) as Category[];
