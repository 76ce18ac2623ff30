import { DISTRICT_NAMES, DISTRICTS } from '../catalogue/districts.js';
import { type DistrictDto } from './district.dto.js';

/** List of districts. */
export class DistrictListDto {
  /** All 25 districts. */
  items!: DistrictDto[];

  static from(counts: ReadonlyMap<string, number>): DistrictListDto {
    const items = DISTRICT_NAMES.map((name) => {
      return { code: DISTRICTS[name].code, name, placeCount: counts.get(name) ?? 0 };
    });
    return { items };
  }
}
