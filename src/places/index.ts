export { CATEGORY_CODES, type Category } from './catalogue/categories.js';
export { DISTRICT_NAMES, DISTRICTS, type DistrictName } from './catalogue/districts.js';
export type { OpeningHours } from './opening-hours.js';
export { PlaceNotFoundError } from './places.errors.js';
export { PlaceRemoved } from './places.events.js';
export { PlacesModule } from './places.module.js';
export { PlacesService } from './places.service.js';
