export { CATEGORY_CODES, type Category } from './catalogue/categories.js';
export { DISTRICT_NAMES, DISTRICTS, type DistrictName } from './catalogue/districts.js';
export { PlaceMarksService } from './marks/place-marks.service.js';
export type { OpeningHours } from './opening-hours.js';
export { PlaceNotFoundError } from './places.errors.js';
export { PlaceCreated, PlaceEdited, PlaceRemoved } from './places.events.js';
export { PlacesModule } from './places.module.js';
export { PlacesService } from './places.service.js';
