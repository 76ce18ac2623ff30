import type { Language } from '../../common/index.js';
import { CATEGORIES, CATEGORY_CODES } from '../catalogue/categories.js';
import { type CategoryDto } from './category.dto.js';

/** List of categories. */
export class CategoryListDto {
  /** All categories. */
  items!: CategoryDto[];

  static from(counts: ReadonlyMap<string, number>, language: Language): CategoryListDto {
    const items = CATEGORY_CODES.map((code) => {
      return { code, name: CATEGORIES[code][language], placeCount: counts.get(code) ?? 0 };
    });
    return { items };
  }
}
